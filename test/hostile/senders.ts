import '../support/reflect-metadata.ts';

import * as x509 from '@peculiar/x509';
import type { IssueOptions } from '../support/ca.ts';
import { explicitP256, oddPublicKeys } from '../support/odd-public-keys.ts';

/** Certificates that a client with a cooperating CA may present. `foreign`: signed by another CA with the name of ours. */
export type OddSender = keyof ReturnType<typeof oddSenders>;

const td = 'spiffe://cluster.local';
const shop = `${td}/ns/applications/sa/shop`;
const till = `${td}/ns/applications/sa/till`;
const hour = 3_600_000;

type Options = IssueOptions & { readonly foreign?: true };

/** By the name that cases use. One row a certificate; everything that is not said is as it should be. */
export function oddSenders(now: number) {
  const at = (from: number, to: number): Options => ({
    uris: [shop],
    notBefore: new Date(now + from),
    notAfter: new Date(now + to),
  });
  const uri = (...uris: string[]): Options => ({ uris });
  const extension = (identifier: string, critical: boolean, ...der: number[]): Options => ({
    ...uri(shop),
    moreExtensions: [new x509.Extension(identifier, critical, new Uint8Array(der))],
  });
  const latin = (text: string) => Buffer.from(text, 'latin1');
  return {
    expired: at(-2 * hour, -hour),
    expiredNow: at(-hour, 0),
    lastSecond: at(-hour, 1_000),
    early: at(hour, 2 * hour),
    earlyBySecond: at(1_000, hour),
    ca: { ...uri(shop), isCa: true, keyUsage: ['digitalSignature', 'keyCertSign'] },
    certSign: { ...uri(shop), keyUsage: ['digitalSignature', 'keyCertSign'] },
    crlSign: { ...uri(shop), keyUsage: ['digitalSignature', 'cRLSign'] },
    noSignature: { ...uri(shop), keyUsage: ['keyEncipherment'] },
    noUsage: { ...uri(shop), keyUsage: null },
    forServers: { ...uri(shop), extendedKeyUsage: ['serverAuth'] },
    forClients: { ...uri(shop), extendedKeyUsage: ['clientAuth'] },
    forAnything: {
      ...extension('2.5.29.37', false, 0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0),
      extendedKeyUsage: null,
    },
    forNothing: { ...extension('2.5.29.37', false, 0x30, 0), extendedKeyUsage: null },
    noPurpose: { ...uri(shop), extendedKeyUsage: null },
    forServersNameless: { dns: ['shop.example.com'], extendedKeyUsage: ['serverAuth'] },
    critical: extension('1.2.3.4', true, 5, 0),
    unknown: extension('1.2.3.4', false, 5, 0),
    nameConstraints: extension('2.5.29.30', false, 0x30, 0),
    weakRsaKey: { ...uri(shop), publicKey: oddPublicKeys['RSA 1024']() },
    hugeRsaKey: { ...uri(shop), publicKey: oddPublicKeys['RSA 16384']() },
    p192Key: { ...uri(shop), publicKey: oddPublicKeys['P-192']() },
    secp256k1Key: { ...uri(shop), publicKey: oddPublicKeys.secp256k1() },
    explicitKey: { ...uri(shop), publicKey: explicitP256() },
    rsaKey: { ...uri(shop), keyType: 'rsa2048' },
    ec384Key: { ...uri(shop), keyType: 'ec384' },
    ed25519Key: { ...uri(shop), keyType: 'ed25519' },
    selfMade: { ...uri(shop), foreign: true },
    partnerOwn: { ...uri('spiffe://partner.example/ns/applications/sa/shop'), foreign: true },
    partnerByUs: uri('spiffe://partner.example/ns/applications/sa/shop'),
    large: { ...uri(shop), dns: Array.from({ length: 700 }, (_, number) => `host-${number}.example.com`) },
    twoIds: uri(shop, till),
    twoIdsReversed: uri(till, shop),
    twiceTheSame: uri(shop, shop),
    idAndUrl: uri(shop, 'https://shop.example.com'),
    urlAndId: uri('https://shop.example.com', shop),
    urlOnly: uri('https://shop.example.com'),
    dnsAsId: { dns: [shop] },
    subjectAsId: { subject: 'CN=spiffe' },
    evilSuffix: uri('spiffe://cluster.local.evil/ns/applications/sa/shop'),
    evilPrefix: uri('spiffe://evil-cluster.local/ns/applications/sa/shop'),
    upperDomain: uri('spiffe://Cluster.Local/ns/applications/sa/shop'),
    upperScheme: uri('SPIFFE://cluster.local/ns/applications/sa/shop'),
    upperPath: uri(`${td}/ns/applications/sa/Shop`),
    slash: uri(`${shop}/`),
    doubleSlash: uri(`${td}//ns/applications/sa/shop`),
    escapedDot: uri(`${td}/ns/%2e/applications/sa/shop`),
    escapedSlash: uri(`${td}/ns/applications%2fsa/shop`),
    escapedLetter: uri(`${td}/ns/applications/sa/%73hop`),
    dots: uri(`${td}/ns/other/../applications/sa/shop`),
    dot: uri(`${td}/ns/./applications/sa/shop`),
    noPath: uri(td),
    onlySlash: uri(`${td}/`),
    port: uri('spiffe://cluster.local:8443/ns/applications/sa/shop'),
    user: uri('spiffe://user@cluster.local/ns/applications/sa/shop'),
    noDomain: uri('spiffe:///ns/applications/sa/shop'),
    oneSlash: uri('spiffe:/cluster.local/ns/applications/sa/shop'),
    query: uri(`${shop}?x=1`),
    fragment: uri(`${shop}#x`),
    nul: uri(`${shop}\0.evil`),
    nulDomain: uri('spiffe://cluster.local\0.evil/ns/applications/sa/shop'),
    newline: uri(`${shop}\nx`),
    space: uri(`${shop} `),
    leadingSpace: uri(` ${shop}`),
    plus: uri(`${shop}+x`),
    tilde: uri(`${td}/ns/applications/sa/~shop`),
    star: uri(`${td}/ns/applications/sa/*`),
    longer: uri(`${shop}bar`),
    deeper: uri(`${shop}/more`),
    shorter: uri(`${td}/ns/applications/sa`),
    tooLong: uri(`${td}/${'a'.repeat(2_100)}`),
    latin1: { rawUris: [latin(`${td}/ns/applications/sa/sh\xf6p`)] },
    cyrillic: { rawUris: [Buffer.from(`${td}/ns/applications/sa/sh\u043ep`)] },
    fullWidth: { rawUris: [Buffer.from(`${td}/ns/applications/sa/\uff53hop`)] },
    overlong: {
      rawUris: [Buffer.concat([latin(`${td}/ns/applications/sa`), Buffer.of(0xc0, 0xaf), latin('shop')])],
    },
    pairInUri: uri(`${till};URI=${shop}`),
    elementInUri: uri(`${till},By=${td};URI=${shop}`),
    quoteInUri: uri(`${till}";URI="${shop}`),
    pairInDns: { ...uri(till), dns: [`a;URI=${shop}`] },
    pairInSubject: { ...uri(till), subject: `CN=a\\;URI\\=${shop}` },
  } satisfies Record<string, Options>;
}
