import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CertificateAuthority } from '../../../../src/core/peer/authority.ts';
import { parseBundleFile, parseSpiffeBundle } from '../../../../src/core/peer/bundle-document.ts';
import { parseJwks, parsePemKey } from '../../../../src/core/token/keys.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { createSigner } from '../../../support/jwt-signer.ts';
import { type Target, target } from '../campaign.ts';
import { oddCertificates } from '../certificate-base.ts';
import { mutatedJson } from '../mutate-json.ts';
import { mutatedText } from '../mutate-text.ts';
import { jsonText, oddJson } from '../odd.ts';
import { pemOf } from '../presented-parts.ts';
import { authority, certificates, intermediate, issuers } from '../world.ts';

const weak = createSigner('RS256', { modulusLength: 1024 });
const keys = [...Object.values(issuers).flatMap(({ signers }) => [...signers]), weak].map(
  ({ publicJwk }) => publicJwk,
);
const values = fc.oneof(
  oddJson,
  fc.constantFrom<unknown>('RSA', 'EC', 'OKP', 'oct', 'P-256', 'secp256k1', 'Ed448', 'X25519', 'sig', 'enc', [
    'verify',
  ]),
  fc.constantFrom<unknown>('AQAB', 'AQ', '', 'A', 'AA', 'x'.repeat(4_000), `${'A'.repeat(2_000)}B`),
);
const sets = fc.oneof(
  {
    weight: 6,
    arbitrary: mutatedJson(
      fc.subarray(keys, { minLength: 1 }).map((some) => ({ keys: some })),
      { values },
    ),
  },
  { weight: 1, arbitrary: oddJson },
  { weight: 1, arbitrary: fc.nat(120).map((many) => ({ keys: Array(many).fill(keys[0]) })) },
);

/** No key that should not verify anything is in it, and each knows what it is for. */
function readsJwks(document: unknown): string {
  const read = parseJwks(document);
  if (read instanceof Malformed) return 'malformed';
  assert.ok(read.length <= 100);
  for (const { kid, key, algorithms, fitsEveryKid } of read) {
    assert.ok(kid === undefined || typeof kid === 'string');
    assert.equal(fitsEveryKid, undefined);
    assert.equal(key.type, 'public');
    assert.ok(algorithms.size > 0);
    const { modulusLength } = key.asymmetricKeyDetails ?? {};
    assert.ok(key.asymmetricKeyType !== 'rsa' || (modulusLength ?? 0) >= 2_048);
    for (const name of algorithms) assert.match(name, /^(?:RS|PS|ES)\d{3}$|^Ed/);
  }
  return read.length > 0 ? 'keys' : 'no keys';
}

const x5c = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '');
const bundle = {
  spiffe_sequence: 7,
  spiffe_refresh_hint: 300,
  keys: [
    { use: 'x509-svid', kty: 'EC', x5c: [x5c(authority.certPem)] },
    { use: 'jwt-svid', kid: 'a', ...issuers.spire.signers[0].publicJwk },
    { use: 'x509-svid', kty: 'EC', x5c: [x5c(intermediate.certPem), x5c(certificates.shop.certPem)] },
  ],
};
const bundleTexts = fc.oneof(
  { weight: 3, arbitrary: mutatedJson(fc.constant(bundle), { values }).map(jsonText) },
  {
    weight: 1,
    arbitrary: mutatedText(fc.constant(JSON.stringify(bundle)), { words: ['{', '}', ',', 'x509-svid'] }),
  },
  {
    weight: 3,
    arbitrary: mutatedText(
      fc
        .subarray([authority.certPem, intermediate.certPem, certificates.shop.certPem], { minLength: 1 })
        .map((list) => list.join('')),
      {
        words: [
          '-----BEGIN CERTIFICATE-----\n',
          '-----END CERTIFICATE-----\n',
          '-----',
          '\n',
          '\r',
          '=',
          '# a\n',
          'PRIVATE KEY',
        ],
      },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(oddCertificates, { minLength: 1, maxLength: 3 })
      .map((ders) => ders.map(pemOf).join('')),
  },
);

/** Whatever becomes an authority says of itself that it may sign, and has a key that is fit for it. */
function readsBundle(text: string): string {
  const document: unknown = text.trimStart().startsWith('{') ? parsed(text) : undefined;
  const spiffe = parseSpiffeBundle(document, 'cluster.local');
  if (!(spiffe instanceof Malformed)) {
    spiffe.authorities.forEach(holdsOfAuthority);
    const { refreshHint } = spiffe;
    assert.ok(refreshHint === undefined || refreshHint > 0);
  }
  const authorities = parseBundleFile(text, 'cluster.local');
  if (authorities instanceof Malformed) return document === undefined ? 'malformed PEM' : 'malformed JSON';
  assert.ok(authorities.length > 0);
  authorities.forEach(holdsOfAuthority);
  return document === undefined ? 'PEM' : 'JSON';
}

function holdsOfAuthority({ certificate, publicKey, x509 }: CertificateAuthority): void {
  assert.ok(certificate.isCa);
  assert.ok(certificate.keyUsage?.keyCertSign ?? true);
  assert.deepEqual(certificate.unsupported, []);
  assert.ok(Number.isFinite(certificate.notBefore) && Number.isFinite(certificate.notAfter));
  assert.ok(
    publicKey.asymmetricKeyType !== 'rsa' || (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048,
  );
  assert.ok(x509.raw.equals(certificate.der));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const pems = [...Object.values(issuers).flatMap(({ signers }) => [...signers]), weak].map(
  ({ publicPem }) => publicPem,
);

function readsPem(pem: string): string {
  const key = parsePemKey(pem);
  if (key instanceof Malformed) return key.why;
  assert.equal(key.key.type, 'public');
  assert.equal(key.fitsEveryKid, true);
  return 'read';
}

export const documentTargets: readonly Target[] = [
  target({ name: 'jwks', inputs: sets, hold: readsJwks, reaches: ['keys', 'no keys', 'malformed'] }),
  target({
    name: 'bundle',
    inputs: bundleTexts,
    hold: readsBundle,
    reaches: ['PEM', 'JSON', 'malformed PEM', 'malformed JSON'],
  }),
  target({
    name: 'pem-key',
    inputs: mutatedText(fc.constantFrom(...pems), {
      words: ['-----BEGIN PUBLIC KEY-----', '\n', 'RSA ', '\0'],
    }),
    hold: readsPem,
    reaches: ['read', 'not a public key in PEM', 'the key is too short or of an unsupported type'],
  }),
];
