import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type Certificate, parseCertificate } from '../../../src/core/peer/certificate.ts';
import type { Extensions } from '../../../src/core/peer/extensions.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { type IssueOptions, type KeyType, urlEncodePem } from '../../support/ca.ts';
import { certs, ids, issue, notAfter, notBefore, svid } from './world.ts';

const recorded = (file: string) =>
  readFileSync(new URL(`../../fixtures/spire/${file}`, import.meta.url), 'utf8');

function read(text: string): Certificate {
  const certificate = parseCertificate(text);
  if (certificate instanceof Malformed) throw new Error(certificate.why);
  return certificate;
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const usage = { digitalSignature: true, keyCertSign: false, cRLSign: false };
const bothPurposes = ['serverAuth', 'clientAuth'] as const;

for (const keyType of ['rsa2048', 'ec256', 'ec384', 'ed25519'] satisfies KeyType[])
  test(`certificate – reads one with a key of type ${keyType}`, async (t) => {
    const leaf = await svid(ids.client, { keyType });
    t.deepEqual(parseCertificate(leaf.urlEncodedPem), {
      uris: [ids.client],
      isCa: false,
      pathLength: undefined,
      keyUsage: usage,
      extendedKeyUsage: bothPurposes,
      unsupported: [],
      signatureAlgorithm: ecdsaWithSha256,
      thumbprint: leaf.thumbprint,
      notBefore,
      notAfter,
      der: leaf.der,
      hasFitKey: true,
    });
  });

test('certificate – the thumbprint is the SHA-256 of the DER, as node and the CA have it (RFC 8705 §3.1)', (t) => {
  const { thumbprint } = read(certs.client.urlEncodedPem);
  const { fingerprint256 } = new X509Certificate(certs.client.certPem);
  t.is(thumbprint, Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'));
  t.is(thumbprint, certs.client.thumbprint);
  t.regex(thumbprint, /^[A-Za-z0-9_-]{43}$/);
  t.not(thumbprint, read(certs.victim.urlEncodedPem).thumbprint);
});

/** Fingerprints as `openssl x509 -fingerprint -sha256` prints them. */
for (const [file, uri, fingerprint] of [
  [
    'oauthclient.pem',
    'spiffe://democluster.internal/ns/applications/sa/oauthclient',
    '58:E4:0C:6E:0D:FF:92:2C:25:3B:DF:5D:1C:94:68:B0:B6:E4:CA:4D:B4:22:23:81:43:45:22:CE:AE:18:D3:BA',
  ],
  [
    'orders.pem',
    'spiffe://democluster.internal/ns/prod/sa/orders',
    '68:20:55:16:3D:A7:24:DE:B7:68:97:AE:86:B2:D7:D1:2E:B4:3A:25:A1:73:40:45:84:67:05:91:EA:88:A3:A1',
  ],
] as const)
  test(`certificate – reads SPIRE's ${file} (recorded from SPIRE 1.16)`, (t) => {
    t.deepEqual(parseCertificate(urlEncodePem(recorded(file))), {
      uris: [uri],
      isCa: false,
      pathLength: undefined,
      keyUsage: usage,
      extendedKeyUsage: bothPurposes,
      unsupported: [],
      signatureAlgorithm: ecdsaWithSha256,
      thumbprint: Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url'),
      notBefore: Date.UTC(2026, 10, 22, 15, 30, 54),
      notAfter: Date.UTC(2026, 10, 22, 16, 31, 4),
      der: new X509Certificate(recorded(file)).raw,
      hasFitKey: true,
    });
  });

test("certificate – recognises SPIRE's CA as a CA (recorded from SPIRE 1.16)", (t) => {
  const { isCa, keyUsage, uris } = read(urlEncodePem(recorded('bundle.pem')));
  t.true(isCa);
  t.deepEqual(keyUsage, { digitalSignature: false, keyCertSign: true, cRLSign: true });
  t.deepEqual(uris, ['spiffe://democluster.internal']);
});

/** A certificate whose base64 has both signs that URLs treat in a special way. */
async function withPlusAndSlash() {
  for (;;) {
    const leaf = await svid(ids.client);
    if (leaf.certPem.includes('+') && /\w\/\w/.test(leaf.certPem)) return leaf;
  }
}

test('certificate – decodes percent escapes only: + stays + and %2B becomes +', async (t) => {
  const leaf = await withPlusAndSlash();
  const { thumbprint } = leaf;
  t.true(leaf.urlEncodedPem.includes('%2B'));
  t.is(read(leaf.urlEncodedPem).thumbprint, thumbprint);
  t.is(read(leaf.urlEncodedPem.replaceAll('%2B', '+')).thumbprint, thumbprint);
  t.is(read(leaf.urlEncodedPem.replaceAll('%2F', '/').replaceAll('%3D', '=')).thumbprint, thumbprint);
  t.is(read(encodeURIComponent(leaf.certPem)).thumbprint, thumbprint);
  t.is(read(leaf.certPem).thumbprint, thumbprint);
  // What a form decoder would have made of it is no base64.
  t.deepEqual(
    parseCertificate(leaf.urlEncodedPem.replaceAll('%2B', '%20')),
    new Malformed('not one PEM certificate and nothing else'),
  );
});

const form: readonly [what: string, text: string][] = [
  ['lines that end with CR LF', certs.client.urlEncodedPem.replaceAll('%0A', '%0D%0A')],
  ['no newline at the end', certs.client.urlEncodedPem.replace(/%0A$/, '')],
  ['white space around it', `%0D%0A%20${certs.client.urlEncodedPem}%0A%0A`],
  ['escapes in lower case', certs.client.urlEncodedPem.replace(/%../g, (code) => code.toLowerCase())],
  ['lines of 76 characters', urlEncodePem(relined(certs.client.certPem, 76))],
  ['lines of 4 characters', urlEncodePem(relined(certs.client.certPem, 4))],
];
for (const [what, text] of form)
  test(`certificate – reads a PEM with ${what} (attacks 8)`, (t) => {
    t.not(text, certs.client.urlEncodedPem);
    t.is(read(text).thumbprint, certs.client.thumbprint);
  });

function relined(pem: string, width: number): string {
  const base64 = pem.replace(/-----.*?-----|\s/g, '');
  const lines = base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

type Said = Pick<Extensions, 'uris' | 'isCa' | 'keyUsage'>;
const contents: readonly [what: string, options: IssueOptions, expected: Said][] = [
  ['no SAN at all', { subject: 'CN=plain' }, { uris: [], isCa: false, keyUsage: usage }],
  ['DNS names only', { dns: ['a.example'], subject: 'CN=a' }, { uris: [], isCa: false, keyUsage: usage }],
  [
    'DNS names around a URI',
    { dns: ['a'], ips: ['10.0.0.1'], uris: ['spiffe://td/x'] },
    { uris: ['spiffe://td/x'], isCa: false, keyUsage: usage },
  ],
  [
    'two URIs, in order',
    { uris: ['spiffe://td/b', 'spiffe://td/a'] },
    { uris: ['spiffe://td/b', 'spiffe://td/a'], isCa: false, keyUsage: usage },
  ],
  [
    'no keyUsage',
    { uris: ['spiffe://td/x'], keyUsage: null },
    { uris: ['spiffe://td/x'], isCa: false, keyUsage: undefined },
  ],
  [
    'keyEncipherment only',
    { keyUsage: ['keyEncipherment'] },
    { uris: [], isCa: false, keyUsage: { digitalSignature: false, keyCertSign: false, cRLSign: false } },
  ],
  [
    'keyCertSign',
    { keyUsage: ['digitalSignature', 'keyCertSign'] },
    { uris: [], isCa: false, keyUsage: { digitalSignature: true, keyCertSign: true, cRLSign: false } },
  ],
  [
    'cRLSign',
    { keyUsage: ['cRLSign'] },
    { uris: [], isCa: false, keyUsage: { digitalSignature: false, keyCertSign: false, cRLSign: true } },
  ],
  [
    'nine usages, the last in a second byte',
    { keyUsage: ['digitalSignature', 'decipherOnly'] },
    { uris: [], isCa: false, keyUsage: usage },
  ],
  [
    'a CA',
    { isCa: true },
    { uris: [], isCa: true, keyUsage: { digitalSignature: false, keyCertSign: true, cRLSign: true } },
  ],
];
for (const [what, options, expected] of contents)
  test(`certificate – says what is in one with ${what} (RFC 5280 §4.2.1)`, async (t) => {
    const leaf = await issue(options);
    const { uris, isCa, keyUsage } = read(leaf.urlEncodedPem);
    t.deepEqual({ uris, isCa, keyUsage }, expected);
  });

for (const [what, uri] of [
  ['a NUL', 'spiffe://cluster.local/ns/a\0.evil'],
  ['a pair of XFCC', 'spiffe://cluster.local/ns/a;URI=spiffe://cluster.local/ns/b'],
  ['an element of XFCC', 'https://a,By=x;Hash=00;URI=spiffe://cluster.local/ns/b'],
  ['quotes and escapes', 'x"\\"%00%2e'],
  ['CR LF', 'spiffe://a\r\nx-auth-request-user: root'],
  ['no text', ''],
] as const)
  test(`certificate – a URI SAN with ${what} is read byte for byte (Envoy CVE-2025-66220, attacks 8)`, async (t) => {
    t.deepEqual(read((await issue({ uris: [uri, 'second:'] })).urlEncodedPem).uris, [uri, 'second:']);
  });

test('certificate – bytes beyond ASCII in a URI SAN stay apart, one character each (attacks 8)', async (t) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const { uris } = read((await issue({ rawUris: [bytes, new Uint8Array([0xc0, 0xae])] })).urlEncodedPem);
  t.deepEqual(uris, [Buffer.from(bytes).toString('latin1'), '\u00c0\u00ae']);
});
