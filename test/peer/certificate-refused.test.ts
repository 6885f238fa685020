import '../support/reflect-metadata.ts';

import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { Malformed } from '../../src/malformed.ts';
import { parseCertificate } from '../../src/peer/certificate.ts';
import { type Extensions, readExtensions } from '../../src/peer/extensions.ts';
import { urlEncodePem } from '../support/ca.ts';
import { subjectAlternativeName, textName } from '../support/subject-alternative-name.ts';
import { ca, certs, ids, svid } from './world.ts';

const { certPem, urlEncodedPem, der, keyPem } = certs.client;
const notOne = 'not one PEM certificate and nothing else';
const asn1 = 'the ASN.1 cannot be read';
const notX509 = 'not an X.509 certificate with a key that can be read';
const pemOf = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`.replace(
    /[A-Za-z0-9+/=]{65,}/,
    (base64) => (base64.match(/.{1,64}/g) ?? []).join('\n'),
  );
const body = certPem.replace(/-----.*?-----\n/g, '');
const framed = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}-----END CERTIFICATE-----\n`;
/** Of a P-256 key: BIT STRING of 66 bytes, no unused bits, then the uncompressed point. */
const point = der.indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04]));
const changed = (at: number, byte: number) => {
  const copy = Buffer.from(der);
  copy[at] = byte;
  return copy;
};

test('certificate – the table of refusals starts from one that is accepted (attacks 8)', (t) => {
  t.false(parseCertificate(urlEncodePem(pemOf(der))) instanceof Malformed);
  t.false(parseCertificate(urlEncodePem(framed(body))) instanceof Malformed);
  t.true(point > 0);
});

for (const [what, text, why] of [
  ['nothing', '', notOne],
  ['some word', 'garbage', notOne],
  ['a PEM that is encoded twice', encodeURIComponent(urlEncodedPem), notOne],
  ['a broken escape', `${urlEncodedPem}%`, 'the URL encoding is broken'],
  ['an escape that is not hex', urlEncodedPem.replace('%0A', '%0G'), 'the URL encoding is broken'],
  ['an overlong escape', `${urlEncodedPem}%c0%8a`, 'the URL encoding is broken'],
  ['two certificates', urlEncodePem(certPem + certs.victim.certPem), notOne],
  ['the same certificate twice', urlEncodePem(certPem + certPem), notOne],
  ['a certificate and its CA', urlEncodePem(certPem + ca.certPem), notOne],
  ['two, joined by a comma as headers are', `${urlEncodedPem},${certs.victim.urlEncodedPem}`, notOne],
  ['text before it', urlEncodePem(`Subject: x\n${certPem}`), notOne],
  ['text behind it', urlEncodePem(`${certPem}x`), notOne],
  ['a NUL behind it', `${urlEncodedPem}%00`, notOne],
  ['a private key', urlEncodePem(keyPem), notOne],
  ['a private key behind it', urlEncodePem(certPem + keyPem), notOne],
  ['a TRUSTED CERTIFICATE', urlEncodePem(certPem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')), notOne],
  ['an X509 CERTIFICATE', urlEncodePem(certPem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')), notOne],
  ['no end', urlEncodePem(certPem.slice(0, -28)), notOne],
  ['another end', urlEncodePem(certPem.replace('END CERTIFICATE', 'END X')), notOne],
  ['an empty body', urlEncodePem(framed('')), notOne],
  ['an empty line within', urlEncodePem(certPem.replace(/\n(?=M)/, '\n\n')), notOne],
  ['spaces in its base64', urlEncodePem(framed(`${body.slice(0, 20)} ${body.slice(20)}`)), notOne],
  ['headers within', urlEncodePem(framed(`Proc-Type: 4\n\n${body}`)), notOne],
  ['base64url', urlEncodePem(framed(`${body.slice(0, 20)}-_${body.slice(22)}`)), notOne],
  ['padding in the middle', urlEncodePem(framed(`TQ==\n${body}`)), notOne],
  ['lone CRs for line ends', urlEncodePem(certPem).replaceAll('%0A', '%0D'), notOne],
  ['a byte behind the DER, in the base64', urlEncodePem(pemOf(Buffer.concat([der, Buffer.of(0)]))), asn1],
  ['another DER behind it, in the base64', urlEncodePem(pemOf(Buffer.concat([der, der]))), asn1],
  ['a DER that ends early', urlEncodePem(pemOf(der.subarray(0, -1))), asn1],
  ['half a DER', urlEncodePem(pemOf(der.subarray(0, der.length / 2))), asn1],
  ['one byte', urlEncodePem(pemOf(Buffer.of(0x30))), asn1],
  ['an empty SEQUENCE', urlEncodePem(pemOf(Buffer.of(0x30, 0))), asn1],
  ['an OCTET STRING', urlEncodePem(pemOf(Buffer.of(0x04, 1, 0))), asn1],
  [
    'SEQUENCEs within SEQUENCEs, 3,000 deep',
    urlEncodePem(pemOf(Buffer.alloc(6_000, Buffer.of(0x30, 0x80)))),
    asn1,
  ],
  ['three empty SEQUENCEs', urlEncodePem(pemOf(Buffer.of(0x30, 6, 0x30, 0, 0x30, 0, 0x30, 0))), asn1],
  [
    'a key that is no point of the curve',
    urlEncodePem(pemOf(changed(point + 10, (der[point + 10] as number) ^ 1))),
    notX509,
  ],
  ['a key in an unknown form', urlEncodePem(pemOf(changed(point + 3, 0x09))), notX509],
  [
    '1 MB of base64',
    urlEncodePem(framed(`${'A'.repeat(64)}\n`.repeat(16_000))),
    'longer than 16384 characters',
  ],
  ['1 MB behind it', urlEncodedPem + '%0A'.repeat(350_000), 'longer than 16384 characters'],
  ['one character too many', urlEncodedPem.padEnd(16_385, '\n'), 'longer than 16384 characters'],
] as const)
  test(`certificate – refuses ${what} (attacks 8)`, (t) => {
    t.deepEqual(parseCertificate(text), new Malformed(why));
  });

test('certificate – 16,384 characters are not too many (certificate.ts)', (t) => {
  t.false(parseCertificate(urlEncodedPem.padEnd(16_384, '\n')) instanceof Malformed);
});

/** One whose DER does not fill its last group of base64, so that spare bits are left in it. */
async function padded(): Promise<string> {
  for (;;) {
    const leaf = await svid(ids.client);
    if (leaf.der.length % 3 !== 0) return leaf.certPem;
  }
}

test('certificate – refuses base64 in another than its one form: one hash for one text (attacks 8)', async (t) => {
  const pem = await padded();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const spare = pem.replace(/([A-Za-z0-9+/])(={1,2})\n/, (_, last, pad) => {
    const next = alphabet[alphabet.indexOf(last) + 1];
    return `${next}${pad}\n`;
  });
  t.not(spare, pem);
  for (const text of [spare, pem.replace(/=+\n/, '\n'), pem.replace(/=+\n/, (pad) => `=${pad}`)])
    t.true(parseCertificate(urlEncodePem(text)) instanceof Malformed);
  t.deepEqual(parseCertificate(urlEncodePem(spare)), new Malformed('the base64 is not canonical'));
  t.false(parseCertificate(urlEncodePem(pem)) instanceof Malformed);
});

/** A self-signed certificate with exactly these extensions. */
async function mint(extensions: x509.Extension[]): Promise<Buffer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=odd',
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  return Buffer.from(certificate.rawData);
}
const san = (...uris: string[]) =>
  subjectAlternativeName(
    uris.map((uri) => textName('uri', Buffer.from(uri, 'latin1'))),
    true,
  );
const raw = (oid: string, ...bytes: number[]) => new x509.Extension(oid, true, new Uint8Array(bytes));
const basic = '2.5.29.19';
const keyUsage = '2.5.29.15';
const extendedKeyUsage = '2.5.29.37';
const altName = '2.5.29.17';

for (const [what, extensions, oid] of [
  ['subjectAltName', [san('spiffe://td/a'), san('spiffe://td/b')], altName],
  ['subjectAltName, twice the same', [san('spiffe://td/a'), san('spiffe://td/a')], altName],
  ['basicConstraints', [raw(basic, 0x30, 0), raw(basic, 0x30, 3, 1, 1, 0xff)], basic],
  ['keyUsage', [raw(keyUsage, 3, 2, 7, 0x80), san('spiffe://td/a'), raw(keyUsage, 3, 2, 2, 4)], keyUsage],
  ['an extension of its own', [raw('1.2.3.4', 5, 0), raw('1.2.3.4', 5, 0)], '1.2.3.4'],
] as const)
  test(`extensions – refuses the same one twice: ${what} (RFC 5280 §4.2)`, async (t) => {
    const bytes = await mint([...extensions]);
    t.deepEqual(readExtensions(bytes), new Malformed(`the extension ${oid} stands there twice`));
    t.true(parseCertificate(urlEncodePem(pemOf(bytes))) instanceof Malformed);
  });

for (const [what, extension] of [
  ['a URI in pieces', raw(altName, 0x30, 5, 0xa6, 3, 0x16, 1, 0x61)],
  ['a SAN that is no list', raw(altName, 0x86, 1, 0x61)],
  ['a SAN with bytes behind it', raw(altName, 0x30, 3, 0x86, 1, 0x61, 0)],
  ['a name that ends behind the SAN', raw(altName, 0x30, 3, 0x86, 9, 0x61)],
  ['basicConstraints that are no list', raw(basic, 1, 1, 0xff)],
  ['a path length below zero', raw(basic, 0x30, 6, 1, 1, 0xff, 2, 1, 0xff)],
  ['a path length without a number', raw(basic, 0x30, 5, 1, 1, 0xff, 2, 0)],
  ['a path length of five bytes', raw(basic, 0x30, 10, 1, 1, 0xff, 2, 5, 1, 0, 0, 0, 0)],
  ['a keyUsage that is a list', raw(keyUsage, 0x30, 0)],
  ['an extKeyUsage without a purpose', raw(extendedKeyUsage, 0x30, 0)],
  ['a purpose that is a text', raw(extendedKeyUsage, 0x30, 3, 0x16, 1, 0x61)],
  ['a purpose outside of a list', raw(extendedKeyUsage, 6, 4, 0x55, 0x1d, 0x25, 0)],
] as const)
  test(`extensions – refuses ${what} (attacks 8)`, async (t) => {
    t.deepEqual(readExtensions(await mint([extension])), new Malformed(asn1));
  });

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const nothing = {
  pathLength: undefined,
  extendedKeyUsage: undefined,
  unsupported: [],
  signatureAlgorithm: ecdsaWithSha256,
};
const read: readonly [what: string, extensions: x509.Extension[], expected: Partial<Extensions>][] = [
  ['none', [], { uris: [], isCa: false, keyUsage: undefined }],
  ['cA FALSE written out', [raw(basic, 0x30, 3, 1, 1, 0)], { uris: [], isCa: false, keyUsage: undefined }],
  [
    'a path length alone',
    [raw(basic, 0x30, 3, 2, 1, 0)],
    { uris: [], isCa: false, pathLength: 0, keyUsage: undefined },
  ],
  [
    'a path length of 300',
    [raw(basic, 0x30, 7, 1, 1, 0xff, 2, 2, 1, 44)],
    { uris: [], isCa: true, pathLength: 300, keyUsage: undefined },
  ],
  [
    'no usage',
    [raw(keyUsage, 3, 1, 0)],
    { uris: [], isCa: false, keyUsage: { digitalSignature: false, keyCertSign: false, cRLSign: false } },
  ],
  [
    'unknown ones',
    [raw('1.2.3.4', 0xff, 0xff), san('spiffe://td/a')],
    { uris: ['spiffe://td/a'], isCa: false, keyUsage: undefined, unsupported: ['1.2.3.4'] },
  ],
  [
    'one that is unknown and not critical',
    [new x509.Extension('1.2.3.4', false, new Uint8Array([5, 0]))],
    { uris: [], isCa: false, keyUsage: undefined },
  ],
  [
    'name constraints, critical or not',
    [new x509.Extension('2.5.29.30', false, new Uint8Array([0x30, 0]))],
    { uris: [], isCa: false, keyUsage: undefined, unsupported: ['2.5.29.30'] },
  ],
  [
    'policy constraints, critical or not',
    [new x509.Extension('2.5.29.36', false, new Uint8Array([0x30, 3, 0x80, 1, 0]))],
    { uris: [], isCa: false, keyUsage: undefined, unsupported: ['2.5.29.36'] },
  ],
  [
    'critical ones that say nothing against it',
    [raw('2.5.29.32', 0x30, 0), raw(extendedKeyUsage, 0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0)],
    { uris: [], isCa: false, keyUsage: undefined, extendedKeyUsage: ['2.5.29.37.0'] },
  ],
];
for (const [what, extensions, expected] of read)
  test(`extensions – reads a certificate with ${what} (RFC 5280 §4.2.1)`, async (t) => {
    const { notBefore, notAfter, ...found } = readExtensions(await mint(extensions)) as Extensions;
    t.true(notBefore < notAfter);
    t.deepEqual(found, { ...nothing, ...expected } as typeof found);
  });

test('extensions – cA TRUE as anything but FF is BER, and refused (X.690 §11.1)', async (t) => {
  t.true(readExtensions(await mint([raw(basic, 0x30, 3, 1, 1, 1)])) instanceof Malformed);
});
