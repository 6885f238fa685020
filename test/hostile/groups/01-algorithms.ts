import { createHmac, sign as signBytes } from 'node:crypto';
import { assembleJwt, encodePart } from '../../support/jwt-signer.ts';
import { type Case, each, type Group, token } from '../case.ts';
import type { Fixture, KeyName } from '../fixture.ts';
import { publishedSecret } from '../keys.ts';

const notAllowed = 'token_algorithm_not_allowed';

/** A good token but for its algorithm, signed by the EC key all the same. */
const named = (alg: unknown): Case => token((f) => f.sign({}, { alg }), notAllowed);

/** The same without a signature. */
const unsigned = (alg: string): Case =>
  token(
    (f) => assembleJwt({ header: { alg, kid: 'ec', typ: 'JWT' }, payload: f.claims() }),
    'token_malformed',
  );

const none = each(
  ['none', 'None', 'NONE', 'nOnE', 'nonE', ' none', 'none ', 'none\0', 'no\u0578e', ''],
  (alg) => [`${JSON.stringify(alg)} with a signature`, named(alg)],
);

const noSignature = each(['none', 'None', 'NONE', 'nOnE', 'ES256', 'HS256'], (alg) => [
  `${alg} without a signature`,
  unsigned(alg),
]);

/** Each form of a public key that a verifier might hand to HMAC. */
const secrets: Record<string, (f: Fixture, by: KeyName) => Buffer> = {
  PEM: (f, by) => Buffer.from(f.keys[by].publicPem),
  'PEM without its last newline': (f, by) => Buffer.from(f.keys[by].publicPem.trimEnd()),
  'PEM with a space before it (CVE-2026-34950)': (f, by) => Buffer.from(` ${f.keys[by].publicPem}`),
  'PEM with CRLF': (f, by) => Buffer.from(f.keys[by].publicPem.replaceAll('\n', '\r\n')),
  DER: (f, by) => f.keys[by].publicKey.export({ type: 'spki', format: 'der' }),
  JWK: (f, by) => Buffer.from(JSON.stringify(f.keys[by].publicJwk)),
  'n or x of the JWK': (f, by) =>
    Buffer.from(String(f.keys[by].publicJwk.n ?? f.keys[by].publicJwk.x), 'base64url'),
  nothing: () => Buffer.alloc(0),
};

function hmac(make: (f: Fixture) => Buffer, kid: string | undefined, bits = 256): Case {
  return token((f) => {
    const input = `${encodePart({ alg: `HS${bits}`, kid, typ: 'JWT' })}.${encodePart(f.claims())}`;
    return `${input}.${createHmac(`sha${bits}`, make(f)).update(input).digest('base64url')}`;
  }, notAllowed);
}

const confusions = Object.fromEntries(
  Object.entries(secrets).flatMap(([form, make]) =>
    (['rsa', 'plain', 'ec'] as const).map((by) => [`${form} of the ${by} key`, hmac((f) => make(f, by), by)]),
  ),
);

/** Whose key signs, and what the header calls it. */
const mismatches: readonly [by: KeyName, alg: string][] = [
  ['pss', 'RS256'],
  ['rsa', 'PS256'],
  ['rsa', 'ES256'],
  ['ec', 'RS256'],
  ['ec', 'ES384'],
  ['ec', 'EdDSA'],
  ['ec384', 'ES256'],
  ['ed', 'ES256'],
  ['ed', 'RS256'],
];

const types: readonly [string, unknown][] = [
  ['absent', undefined],
  ['null', null],
  ['a number', 256],
  ['a list', ['ES256']],
  ['an object', { alg: 'ES256' }],
  ['true', true],
  ['constructor', 'constructor'],
  ['__proto__', '__proto__'],
  ['toString', 'toString'],
  ['in lower case', 'es256'],
  ['with a space', 'ES256 '],
  ['with a NUL', 'ES256\0'],
  ['of JWE', 'RSA-OAEP'],
  ['dir', 'dir'],
  ['PBES2, made to be slow', 'PBES2-HS256+A128KW'],
  ['SHA-1', 'RS1'],
  ['two names', 'ES256,none'],
];

const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const orderNumber = BigInt(`0x${order.toString('hex')}`);
const zeros = (length: number) => Buffer.alloc(length);

function signature(make: (good: Buffer) => Buffer): Case {
  return token((f) => {
    const [head, body, signed = ''] = f.token.split('.');
    return `${head}.${body}.${make(Buffer.from(signed, 'base64url')).toString('base64url')}`;
  }, 'token_signature_invalid');
}

const ecdsa: Record<string, Case> = {
  'r and s are 0 (CVE-2022-21449)': signature(() => zeros(64)),
  'r is 0': signature((good) => Buffer.concat([zeros(32), good.subarray(32)])),
  's is 0': signature((good) => Buffer.concat([good.subarray(0, 32), zeros(32)])),
  'r and s are the order of the curve': signature(() => Buffer.concat([order, order])),
  'r is 1 and s is 1': signature(() => Buffer.from(`${'00'.repeat(31)}01`.repeat(2), 'hex')),
  'all bits set': signature(() => Buffer.alloc(64, 0xff)),
  'one byte short': signature((good) => good.subarray(1)),
  'one byte long': signature((good) => Buffer.concat([good, zeros(1)])),
  'two signatures': signature((good) => Buffer.concat([good, good])),
  'of the length of P-384': signature((good) =>
    Buffer.concat([zeros(16), good.subarray(0, 32), zeros(16), good.subarray(32)]),
  ),
  'in DER': token((f) => {
    const [head, body] = f.token.split('.');
    const der = signBytes('sha256', Buffer.from(`${head}.${body}`), f.keys.ec.privateKey);
    return `${head}.${body}.${der.toString('base64url')}`;
  }, 'token_signature_invalid'),
  'its twin n − s, which is another text of the same token': token(
    (f) => {
      const [head, body, signed = ''] = f.token.split('.');
      const bytes = Buffer.from(signed, 'base64url');
      const twin = orderNumber - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
      const s = Buffer.from(twin.toString(16).padStart(64, '0'), 'hex');
      return `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), s]).toString('base64url')}`;
    },
    'allowed',
    { seen: { headers: { 'x-auth-request-user': 'alice' } } },
  ),
  'EdDSA of zeros': token(
    (f) => assembleJwt({ header: { alg: 'EdDSA', kid: 'ed' }, payload: f.claims(), signature: zeros(64) }),
    'token_signature_invalid',
  ),
  'EdDSA with s plus the order of the group (RFC 8032 §5.1.7)': token((f) => {
    const [head, body, signed = ''] = f.sign({}, {}, 'ed').split('.');
    const bytes = Buffer.from(signed, 'base64url');
    let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
    s += 2n ** 252n + 27742317777372353535851937790883648493n;
    const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    return `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url')}`;
  }, 'token_signature_invalid'),
};

const oddKey = (
  kid: keyof Fixture['keys']['odd'],
  reason: Case['reason'] = 'token_key_unknown',
  header = {},
): Case => token((f) => f.keys.odd[kid].sign(f.claims(), header), reason);

export const group: Group = {
  number: 1,
  title: 'Algorithms',
  items: {
    '`none` in any case': {
      source: 'RFC 8725 §2.1, §3.2; RFC 7518 §3.6',
      cases: { ...none, ...noSignature },
    },
    'HS256 with the RSA/EC public key bytes': {
      source: 'RFC 8725 §2.1; CVE-2023-48223, CVE-2026-34950, CVE-2026-22817',
      cases: {
        ...confusions,
        'HS384 with the PEM': hmac((f) => Buffer.from(f.keys.rsa.publicPem), 'rsa', 384),
        'HS512 with the PEM': hmac((f) => Buffer.from(f.keys.rsa.publicPem), 'rsa', 512),
        'without kid': hmac((f) => Buffer.from(f.keys.ec.publicPem), undefined),
        'a secret that the issuer published': hmac(() => publishedSecret, 'published'),
      },
    },
    "alg ≠ the key's alg/kty/crv": {
      source: 'RFC 8725 §3.1; CVE-2026-22817; CVE-2026-29000',
      cases: {
        ...each(mismatches, ([by, alg]) => [
          `${alg} for the ${by} key`,
          token((f) => f.sign({}, { alg }, by), 'token_key_unknown'),
        ]),
        'PKCS #1 bytes called PSS, by a key that fits both': token(
          (f) => f.sign({}, { alg: 'PS256' }, 'plain'),
          'token_signature_invalid',
        ),
        'RS256 called RS512, by a key that fits both': token(
          (f) => f.sign({}, { alg: 'RS512' }, 'plain'),
          notAllowed,
        ),
        'one that the issuer does not allow': token(
          (f) => f.sign({ iss: 'https://narrow.example.com' }, {}, 'narrow'),
          notAllowed,
        ),
        'a P-384 key whose JWK says ES256': oddKey('mislabelled', 'token_key_unknown', { alg: 'ES256' }),
        'a P-384 key whose JWK says ES256, by its right name': oddKey('mislabelled'),
        'a key whose JWK says none': oddKey('alg-none'),
        'a key whose JWK says HS256': oddKey('alg-hmac'),
        'a key whose JWK says HS256, by that name': oddKey('alg-hmac', notAllowed, { alg: 'HS256' }),
        secp256k1: oddKey('secp256k1', notAllowed),
        'secp256k1 called ES256': oddKey('secp256k1', 'token_key_unknown', { alg: 'ES256' }),
        'Ed448 called EdDSA': oddKey('ed448'),
        'Ed448 by its own name': oddKey('ed448', notAllowed, { alg: 'Ed448' }),
        ...each(types, ([what, alg]) => [`alg ${what}`, named(alg)]),
      },
    },
    '`use: enc`, key_ops': {
      source: 'RFC 7517 §4.2, §4.3',
      cases: {
        'use enc': oddKey('enc'),
        'use enc, without kid': oddKey('enc', 'token_signature_invalid', { kid: undefined }),
        'use is a list': oddKey('use-array'),
        'key_ops without verify': oddKey('key-ops'),
        'key_ops sign': oddKey('sign-only'),
        'a key for X.509-SVIDs': token(
          (f) => f.keys.odd['x509-svid'].sign(f.claims({ iss: 'https://oidc.spire.example.com' })),
          'token_key_unknown',
        ),
      },
    },
    'ECDSA 0/0': { source: 'CVE-2022-21449; RFC 7518 §3.4', cases: ecdsa },
    'RSA < 2048 bits': {
      source: 'RFC 7518 §3.3',
      cases: {
        '1024 bits': oddKey('rsa-1024'),
        '2040 bits': oddKey('rsa-2040'),
        'an exponent of 1, for which anybody can sign': oddKey('rsa-e1'),
        'PSS with a salt of another length (RFC 7518 §3.5)': token((f) => {
          const [head, body] = f.sign({}, {}, 'pss').split('.');
          const key = { key: f.keys.pss.privateKey, padding: 6, saltLength: 20 };
          return `${head}.${body}.${signBytes('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
        }, 'token_signature_invalid'),
        '1024 bits, without kid': oddKey('rsa-1024', 'token_signature_invalid', { kid: undefined }),
        'an empty signature of a good key': token(
          (f) =>
            assembleJwt({ header: { alg: 'RS256', kid: 'rsa' }, payload: f.claims(), signature: zeros(1) }),
          'token_signature_invalid',
        ),
        'a signature of zeros': token(
          (f) =>
            assembleJwt({ header: { alg: 'RS256', kid: 'rsa' }, payload: f.claims(), signature: zeros(256) }),
          'token_signature_invalid',
        ),
        'a signature with a zero in front': token((f) => {
          const [head, body, signed = ''] = f.sign({}, {}, 'rsa').split('.');
          return `${head}.${body}.${Buffer.concat([zeros(1), Buffer.from(signed, 'base64url')]).toString('base64url')}`;
        }, 'token_signature_invalid'),
      },
    },
  },
};
