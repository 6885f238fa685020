import '../../support/reflect-metadata.ts';

import * as x509 from '@peculiar/x509';
import { createCa, type IssueOptions, urlEncodePem } from '../../support/ca.ts';
import { subjectAlternativeName, textName } from '../../support/subject-alternative-name.ts';
import type { Row } from './inputs.ts';
import { ca, type Run, SHOP, validity } from './world.ts';

type MakeRow = (input: string, upTo: string, cases: Row['cases']) => Row;
type Check = (
  http: { readonly headers?: Record<string, string>; readonly path?: string },
  more: { peer?: object; bundle?: boolean },
) => Run;

/** DER of a type, a length in two bytes, a value. */
function tlv(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 0xff]), content]);
}

/** SEQUENCEs in each other, as deep as so many bytes allow. */
function nested(bytes: number): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  while (inner.length + 4 <= bytes) inner = tlv(0x30, inner);
  return inner;
}

const many = (count: number, bytes: Uint8Array) =>
  Array.from({ length: count }, (_, n) => new x509.Extension(`1.2.3.${n + 1}`, false, bytes));
const uri = textName('uri', Buffer.from(SHOP));
/** What makes a certificate as large as one may be: 16 KiB of URL-encoded PEM are some 11 KiB of DER. */
const odd: Readonly<Record<string, IssueOptions>> = {
  'thousands of names': { uris: [SHOP], dns: Array.from({ length: 3_300 }, () => 'a') },
  'thousands of empty names': {
    moreExtensions: [
      subjectAlternativeName([uri, ...Array.from({ length: 5_000 }, () => Buffer.from([0x82, 0]))], true),
    ],
  },
  'one long name': { uris: [SHOP], dns: ['a'.repeat(10_400)] },
  'hundreds of URIs': { uris: Array.from({ length: 1_500 }, () => 'a://b') },
  'a long subject': { uris: [SHOP], subject: `CN=${'a'.repeat(10_000)}` },
  'many attributes in the subject': {
    uris: [SHOP],
    subject: Array.from({ length: 700 }, () => 'O=a').join(', '),
  },
  'hundreds of extensions': { uris: [SHOP], moreExtensions: many(700, new Uint8Array(1)) },
  'an extension nested deeply': { uris: [SHOP], moreExtensions: many(1, nested(10_000)) },
  'names nested deeply': { moreExtensions: [new x509.Extension('2.5.29.17', false, nested(10_000))] },
  'a key usage nested deeply': {
    keyUsage: null,
    moreExtensions: [new x509.Extension('2.5.29.15', false, nested(10_000))],
  },
};

const issued = await Promise.all(
  Object.entries(odd).map(
    async ([what, options]) => [what, await ca.issue({ ...validity, ...options })] as const,
  ),
);

/** Intermediates of the client's own making, as many as are read and as large as fit. */
const strangerCa = await createCa({ ...validity, name: 'C=US, O=SPIFFE', keyType: 'rsa2048' });
const above = await Promise.all(
  Array.from({ length: 5 }, () =>
    strangerCa.intermediate({
      ...validity,
      name: 'C=US, O=SPIFFE',
      keyType: 'rsa2048',
      dns: Array.from({ length: 500 }, () => 'abcd'),
    }),
  ),
);
const leaf = await (above[0] as typeof strangerCa).svid(SHOP, validity);
const chain = urlEncodePem(leaf.certPem + above.map(({ certPem }) => certPem).join(''));

export function certificateRows(row: MakeRow, check: Check): readonly Row[] {
  return [
    row('certificate, well formed', '16 KiB', function* () {
      for (const [what, { urlEncodedPem }] of issued)
        yield [
          `${what} (${urlEncodedPem.length})`,
          check({ path: '/orders/7' }, { peer: { certificate: urlEncodedPem } }),
        ];
    }),
    row('certificates in x-forwarded-client-cert', '60 KiB', function* () {
      for (const [what, { urlEncodedPem }] of issued) {
        const element = `Cert="${urlEncodedPem}"`;
        const header = Array.from({ length: Math.floor(61_000 / (element.length + 1)) }, () => element).join(
          ',',
        );
        yield [
          what,
          check(
            { path: '/orders/7', headers: { 'x-forwarded-client-cert': header } },
            { peer: { principal: '' } },
          ),
        ];
      }
    }),
    row('forwarded chain', '60 KiB', function* () {
      const header = `Hash=${leaf.sha256Hex};Cert="${leaf.urlEncodedPem}";Chain="${chain}";URI=${SHOP}`;
      yield [
        `5 intermediates that share one name (${header.length})`,
        check(
          { path: '/orders/7', headers: { 'x-forwarded-client-cert': header } },
          { bundle: true, peer: { principal: SHOP } },
        ),
      ];
      for (const piece of ['%0A', '-----BEGIN%20', 'A%0A', '%20', 'A', '-'])
        yield [
          `a chain of ${piece}`,
          check(
            {
              path: '/orders/7',
              headers: {
                'x-forwarded-client-cert': `Cert="${leaf.urlEncodedPem}";Chain="-----BEGIN%20CERTIFICATE-----%0A${piece.repeat(Math.floor(57_000 / piece.length))}";URI=${SHOP}`,
              },
            },
            { bundle: true, peer: { principal: SHOP } },
          ),
        ];
    }),
  ];
}
