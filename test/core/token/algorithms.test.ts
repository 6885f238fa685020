import { createHmac, sign } from 'node:crypto';
import test from 'ava';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner, encodePart, type JwtSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const rsa = createSigner('RS256');
const pss = createSigner('PS256');
const p256 = createSigner('ES256');
const p384 = createSigner('ES384');
const edwards = createSigner('EdDSA');
const world = await createTokenWorld([rsa, pss, p256, p384, edwards]);

for (const signer of [rsa, pss, p256, p384, edwards])
  test(`algorithms – accepts ${signer.alg} (RFC 7518 §3.1, RFC 8037 §3.1)`, async (t) => {
    isAllowed(t, await world.check({ token: signer.sign(goodClaims()) }));
  });

test('algorithms – EdDSA goes by both of its names (RFC 9864 §2.2)', async (t) => {
  const { alg: _, ...jwk } = edwards.publicJwk;
  const both = await createTokenWorld([jwk]);
  for (const alg of ['EdDSA', 'Ed25519'])
    isAllowed(t, await both.check({ token: edwards.sign(goodClaims(), { alg }) }), alg);
});

for (const alg of ['none', 'None', 'NONE', 'nOnE', ' none', 'none ', 'none\0', ''])
  test(`algorithms – denies alg ${JSON.stringify(alg)} with and without a signature (RFC 8725 §3.2)`, async (t) => {
    const header = { alg, kid: rsa.kid, typ: 'JWT' };
    const signed = assembleJwt({ header, payload: goodClaims(), signer: rsa });
    isRefused(t, await world.check({ token: signed }), 'token_algorithm_not_allowed');
    const unsigned = assembleJwt({ header, payload: goodClaims() });
    isRefused(t, await world.check({ token: unsigned }), 'token_malformed');
  });

/** Every form of a public key that a verifier might pass to HMAC as a secret (CVE-2023-48223). */
function secretsOf(signer: JwtSigner): [string, Buffer][] {
  const pem = signer.publicPem;
  return [
    ['PEM', Buffer.from(pem)],
    ['PEM without its last newline', Buffer.from(pem.trimEnd())],
    ['PEM on one line', Buffer.from(pem.replaceAll('\n', ''))],
    ['DER', signer.publicKey.export({ type: 'spki', format: 'der' })],
    ['JWK', Buffer.from(JSON.stringify(signer.publicJwk))],
    ['n or x of the JWK', Buffer.from(String(signer.publicJwk.n ?? signer.publicJwk.x), 'base64url')],
    ['nothing', Buffer.alloc(0)],
  ];
}

for (const signer of [rsa, p256])
  for (const [form, secret] of secretsOf(signer))
    test(`algorithms – denies HMAC with the public ${signer.alg} key as secret: ${form} (RFC 8725 §2.1)`, async (t) => {
      for (const bits of [256, 384, 512]) {
        const input = `${encodePart({ alg: `HS${bits}`, kid: signer.kid, typ: 'JWT' })}.${encodePart(goodClaims())}`;
        const tag = createHmac(`sha${bits}`, secret).update(input).digest('base64url');
        isRefused(t, await world.check({ token: `${input}.${tag}` }), 'token_algorithm_not_allowed');
      }
    });

const notAlgorithms: [string, unknown][] = [
  ['absent', undefined],
  ['null', null],
  ['a number', 256],
  ['a list', ['RS256']],
  ['an object', { name: 'RS256' }],
  ['an inherited name', 'constructor'],
  ['__proto__', '__proto__'],
  ['another case', 'rs256'],
  ['trailing space', 'RS256 '],
  ['one of JWE', 'RSA-OAEP'],
  ['dir', 'dir'],
  ['secp256k1', 'ES256K'],
  ['SHA-1', 'RS1'],
];
for (const [title, alg] of notAlgorithms)
  test(`algorithms – denies alg that is ${title} (RFC 7515 §4.1.1)`, async (t) => {
    const token = rsa.sign(goodClaims(), { alg });
    isRefused(t, await world.check({ token }), 'token_algorithm_not_allowed');
  });

const mismatches: [string, JwtSigner, string][] = [
  ['RS256 for a key that its JWK pins to PS256', pss, 'RS256'],
  ['PS256 for a key that its JWK pins to RS256', rsa, 'PS256'],
  ['ES256 for a P-384 key', p384, 'ES256'],
  ['ES384 for a P-256 key', p256, 'ES384'],
  ['ES256 for an RSA key', rsa, 'ES256'],
  ['RS256 for an EC key', p256, 'RS256'],
  ['EdDSA for an EC key', p256, 'EdDSA'],
  ['ES256 for an Ed25519 key', edwards, 'ES256'],
];
for (const [title, signer, alg] of mismatches)
  test(`algorithms – denies ${title}: the key decides, not the token (RFC 8725 §3.1)`, async (t) => {
    const token = signer.sign(goodClaims(), { alg });
    isRefused(t, await world.check({ token }), 'token_key_unknown');
  });

test('algorithms – denies a supported one that the issuer does not allow (RFC 8725 §3.1)', async (t) => {
  const { alg: _, ...jwk } = rsa.publicJwk;
  const narrow = await createTokenWorld([jwk, p256], { algorithms: ['ES256'] });
  isAllowed(t, await narrow.check({ token: p256.sign(goodClaims()) }));
  const refused = await narrow.check({ token: rsa.sign(goodClaims()) });
  isRefused(t, refused, 'token_algorithm_not_allowed');
});

test('algorithms – PKCS #1 bytes do not pass for PSS where the key fits both (RFC 7518 §3.5)', async (t) => {
  const { alg: _, ...jwk } = rsa.publicJwk;
  const both = await createTokenWorld([jwk]);
  isAllowed(t, await both.check({ token: rsa.sign(goodClaims()) }));
  const pretended = await both.check({ token: rsa.sign(goodClaims(), { alg: 'PS256' }) });
  isRefused(t, pretended, 'token_signature_invalid');
});

const order256 = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const good = p256.signature('x');
const badSignatures: [string, Uint8Array][] = [
  ['r and s are 0 (CVE-2022-21449)', new Uint8Array(64)],
  ['r is 0', Buffer.concat([new Uint8Array(32), good.subarray(32)])],
  ['s is 0', Buffer.concat([good.subarray(0, 32), new Uint8Array(32)])],
  ['r and s are the order of the curve', Buffer.concat([order256, order256])],
  ['one byte is missing', good.subarray(0, 63)],
  ['one byte is too many', Buffer.concat([good, Buffer.of(0)])],
  ['one byte', Buffer.of(0)],
  ['two signatures', Buffer.concat([good, good])],
  ['the length of P-384', new Uint8Array(96)],
  ['DER instead of r and s', Buffer.from('3006020101020101', 'hex')],
];
for (const [title, signature] of badSignatures)
  test(`algorithms – denies an ECDSA signature where ${title} (RFC 7518 §3.4)`, async (t) => {
    const header = { alg: 'ES256', kid: p256.kid, typ: 'JWT' };
    const token = assembleJwt({ header, payload: goodClaims(), signature });
    isRefused(t, await world.check({ token }), 'token_signature_invalid');
  });

test('algorithms – a signature in DER form is invalid, even of the right key (RFC 7518 §3.4)', async (t) => {
  const [head, body] = p256.sign(goodClaims()).split('.');
  const der = sign('sha256', Buffer.from(`${head}.${body}`), p256.privateKey);
  const token = `${head}.${body}.${der.toString('base64url')}`;
  isRefused(t, await world.check({ token }), 'token_signature_invalid');
});

test('algorithms – an RSA key below 2048 bits is not used (RFC 7518 §3.3)', async (t) => {
  const short = createSigner('RS256', { modulusLength: 1024 });
  const almost = createSigner('RS256', { modulusLength: 2040 });
  const mixed = await createTokenWorld([rsa, short, almost]);
  isAllowed(t, await mixed.check({ token: rsa.sign(goodClaims()) }));
  for (const signer of [short, almost])
    isRefused(t, await mixed.check({ token: signer.sign(goodClaims()) }), 'token_key_unknown');
});

for (const [alg, told] of [
  ['none', 'alg "none": the token is not signed'],
  ['NONE', 'alg "NONE": the token is not signed'],
  ['HS256', 'alg "HS256" is symmetric: each service that verifies such tokens could also make them'],
  ['ES256K', 'alg "ES256K" is not supported'],
  ['\u0001'.repeat(121), `alg "${'\\u0001'.repeat(120)}…" is not supported`],
  ['eyJhbGciOiJub25lIn0.e30.', 'alg what looks like a token is not supported'],
  [{ name: 'RS256' }, 'alg an object is not supported'],
  [undefined, 'alg missing is not supported'],
] as const)
  test(`algorithms – the log names alg ${JSON.stringify(alg)?.slice(0, 30)}`, async (t) => {
    const { decision } = await world.check({ token: rsa.sign(goodClaims(), { alg }) });
    t.is('detail' in decision ? decision.detail : undefined, told);
  });

test('algorithms – the log says which ones the issuer may use', async (t) => {
  const one = await createTokenWorld([rsa], { algorithms: ['ES256', 'RS256'] });
  const { decision } = await one.check({ token: rsa.sign(goodClaims(), { alg: 'RS512' }) });
  t.is(
    'detail' in decision ? decision.detail : undefined,
    'RS512 is not allowed for corp: algorithms are ES256, RS256',
  );
});
