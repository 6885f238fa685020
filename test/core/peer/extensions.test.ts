import '../../support/reflect-metadata.ts';

import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { parseDerCertificate } from '../../../src/core/peer/certificate.ts';
import { type Extensions, readExtensions } from '../../../src/core/peer/extensions.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { subjectAlternativeName, textName } from '../../support/subject-alternative-name.ts';

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
/** `1.3`, a hundred times, and clientAuth. */
const manyPurposes = [
  0x30,
  0x82,
  1,
  0x36,
  ...Array(100).fill([6, 1, 0x2b]).flat(),
  6,
  8,
  0x2b,
  6,
  1,
  5,
  5,
  7,
  3,
  2,
];
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
    t.deepEqual(readExtensions(bytes), new Malformed(`the extension ${oid} appears twice`));
    t.true(parseDerCertificate(bytes) instanceof Malformed);
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
  [
    'a purpose with zeros in it (X.690 §8.19.2)',
    raw(extendedKeyUsage, 0x30, 7, 6, 5, 0x55, 0x1d, 0x80, 0x25, 0),
  ],
  [
    'a purpose that ends early (X.690 §8.19.2)',
    raw(extendedKeyUsage, 0x30, 7, 6, 5, 0x55, 0x1d, 0x25, 0, 0x80),
  ],
  ['a purpose of no bytes', raw(extendedKeyUsage, 0x30, 2, 6, 0)],
  ['a purpose outside of a list', raw(extendedKeyUsage, 6, 4, 0x55, 0x1d, 0x25, 0)],
] as const)
  test(`extensions – refuses ${what} (attacks 8)`, async (t) => {
    t.deepEqual(readExtensions(await mint([extension])), new Malformed('the ASN.1 cannot be read'));
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
    { uris: [], isCa: false, keyUsage: undefined, extendedKeyUsage: ['anyExtendedKeyUsage'] },
  ],
  [
    'a hundred purposes, of which one is known',
    [raw(extendedKeyUsage, ...manyPurposes)],
    { uris: [], isCa: false, keyUsage: undefined, extendedKeyUsage: ['clientAuth'] },
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
