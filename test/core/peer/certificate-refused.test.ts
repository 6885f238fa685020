import test from 'ava';
import { parseCertificate } from '../../../src/core/peer/certificate.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { urlEncodePem } from '../../support/ca.ts';
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

test('certificate – refuses base64 that is not canonical, so that each hash has one text (attacks 8)', async (t) => {
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
