import '../../support/reflect-metadata.ts';

import * as x509 from '@peculiar/x509';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { parseCertificate } from '../../../src/core/peer/certificate.ts';
import { candidateFromCertificate } from '../../../src/core/peer/peer-candidate.ts';
import type { IssueOptions } from '../../support/ca.ts';
import { oddPublicKeys } from '../../support/odd-public-keys.ts';
import { certificateOf, ids, issue, spiffe } from './world.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';
const purposes = (...identifiers: string[]): IssueOptions => ({
  uris: [ids.client],
  extendedKeyUsage: null,
  moreExtensions: [new x509.ExtendedKeyUsageExtension(identifiers)],
});
const more = (identifier: string, critical: boolean): IssueOptions => ({
  uris: [ids.client],
  moreExtensions: [new x509.Extension(identifier, critical, new Uint8Array([5, 0]))],
});

const fit: readonly [what: string, options: IssueOptions, spiffeId?: string][] = [
  ['an X.509-SVID', { uris: [ids.client] }, ids.client],
  ['one without keyUsage', { uris: [ids.client], keyUsage: null }, ids.client],
  ['one with DNS names beside', { uris: [ids.client], dns: ['a.example'], ips: ['10.0.0.1'] }, ids.client],
  ['one without extendedKeyUsage', { uris: [ids.client], extendedKeyUsage: null }, ids.client],
  ['one for clients alone', { uris: [ids.client], extendedKeyUsage: ['clientAuth'] }, ids.client],
  ['one for every purpose', purposes('2.5.29.37.0'), ids.client],
  ['one for clients and a purpose unknown here', purposes('1.2.3.4', clientAuth), ids.client],
  ['one with an extension unknown here', more('1.2.3.4', false), ids.client],
  ['one with a path length, though it is no CA', { uris: [ids.client], pathLength: 0 }, ids.client],
  ['one without a SAN', { subject: 'CN=plain' }],
  ['one with a URI that is no SPIFFE ID', { uris: ['https://client.example'] }],
  ['one with a SPIFFE ID as DNS name', { dns: [ids.client] }],
  ['one with a SPIFFE ID behind a space', { uris: [` ${ids.client}`] }],
];
for (const [what, options, named] of fit)
  test(`sender of a certificate – ${what} is ${named ? 'a workload' : 'a thumbprint only'} (X509-SVID §2, RFC 8705)`, async (t) => {
    const leaf = await issue(options);
    t.deepEqual(candidateFromCertificate(parseCertificate(leaf.urlEncodedPem)), {
      ...(named && { spiffeId: spiffe(named) }),
      thumbprint: leaf.thumbprint,
      certificate: certificateOf(leaf),
    });
  });

const dots = 'a path segment of dots';
const segment = 'a path segment has other characters than a-z A-Z 0-9 . - _';
const domain = 'the trust domain has other characters than a-z 0-9 . - _';
const unfit: readonly [what: string, options: IssueOptions, reason: string, detail: string][] = [
  ['a CA', { uris: [ids.client], isCa: true }, 'peer_certificate_unsuitable', 'a CA certificate'],
  [
    'a CA with the usage of a leaf',
    { uris: [ids.client], isCa: true, keyUsage: ['digitalSignature'] },
    'peer_certificate_unsuitable',
    'a CA certificate',
  ],
  [
    'a leaf with keyCertSign',
    { uris: [ids.client], keyUsage: ['digitalSignature', 'keyCertSign'] },
    'peer_certificate_unsuitable',
    'a CA certificate',
  ],
  [
    'a leaf with cRLSign',
    { uris: [ids.client], keyUsage: ['digitalSignature', 'cRLSign'] },
    'peer_certificate_unsuitable',
    'a CA certificate',
  ],
  [
    'one without digitalSignature',
    { uris: [ids.client], keyUsage: ['keyEncipherment'] },
    'peer_certificate_unsuitable',
    'keyUsage without digitalSignature',
  ],
  [
    'one for servers alone',
    { uris: [ids.client], extendedKeyUsage: ['serverAuth'] },
    'peer_certificate_unsuitable',
    'extKeyUsage without clientAuth',
  ],
  [
    'one for servers alone, without a SPIFFE ID',
    { dns: ['a.example'], extendedKeyUsage: ['serverAuth'] },
    'peer_certificate_unsuitable',
    'extKeyUsage without clientAuth',
  ],
  [
    'one for code and mail',
    purposes('1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.4'),
    'peer_certificate_unsuitable',
    'extKeyUsage without clientAuth',
  ],
  [
    'one with an unknown critical extension',
    more('1.2.3.4', true),
    'peer_certificate_unsuitable',
    'it has an extension that is not supported: 1.2.3.4',
  ],
  [
    'one with name constraints',
    more('2.5.29.30', false),
    'peer_certificate_unsuitable',
    'it has an extension that is not supported: 2.5.29.30',
  ],
  [
    'one with two SPIFFE IDs',
    { uris: [ids.client, ids.victim] },
    'peer_certificate_unsuitable',
    '2 URI SANs',
  ],
  [
    'one with the same ID twice',
    { uris: [ids.client, ids.client] },
    'peer_certificate_unsuitable',
    '2 URI SANs',
  ],
  [
    'one with another URI beside',
    { uris: ['https://a', ids.client] },
    'peer_certificate_unsuitable',
    '2 URI SANs',
  ],
  ['one with an empty URI beside', { uris: [ids.client, ''] }, 'peer_certificate_unsuitable', '2 URI SANs'],
  [
    'a trust domain',
    { uris: ['spiffe://cluster.local'] },
    'peer_spiffe_id_invalid',
    'the ID of a trust domain, not of a workload',
  ],
  [
    'a trust domain with a slash',
    { uris: ['spiffe://cluster.local/'] },
    'peer_spiffe_id_invalid',
    'an empty path segment or a trailing slash',
  ],
  [
    'one with another case',
    { uris: ['SPIFFE://cluster.local/ns/a'] },
    'peer_spiffe_id_invalid',
    'does not start with spiffe://',
  ],
  [
    'one without an authority',
    { uris: ['spiffe:cluster.local'] },
    'peer_spiffe_id_invalid',
    'does not start with spiffe://',
  ],
  ['one with dots', { uris: ['spiffe://cluster.local/ns/../x'] }, 'peer_spiffe_id_invalid', dots],
  ['one with escapes', { uris: ['spiffe://cluster.local/ns/%2e%2e/x'] }, 'peer_spiffe_id_invalid', segment],
  ['one with NUL', { uris: [`${ids.client}\0.evil`] }, 'peer_spiffe_id_invalid', segment],
  [
    'one with NUL in its trust domain',
    { uris: ['spiffe://cluster.local\0.evil/x'] },
    'peer_spiffe_id_invalid',
    domain,
  ],
  [
    'one with a pair of XFCC',
    { uris: [`${ids.client};URI=${ids.victim}`] },
    'peer_spiffe_id_invalid',
    segment,
  ],
  ['one with a port', { uris: ['spiffe://cluster.local:443/x'] }, 'peer_spiffe_id_invalid', domain],
  ['one with a query', { uris: [`${ids.client}?x`] }, 'peer_spiffe_id_invalid', segment],
  [
    'one with a final slash',
    { uris: [`${ids.client}/`] },
    'peer_spiffe_id_invalid',
    'an empty path segment or a trailing slash',
  ],
  [
    'one with bytes beyond ASCII',
    { rawUris: [Buffer.from('spiffe://cluster.local/\xff', 'latin1')] },
    'peer_spiffe_id_invalid',
    segment,
  ],
  [
    'one of 2,049 bytes',
    { uris: ['spiffe://td/'.padEnd(2049, 'a')] },
    'peer_spiffe_id_invalid',
    'longer than 2048 bytes',
  ],
];
for (const [what, options, reason, detail] of unfit)
  test(`sender of a certificate – refuses ${what} (attacks 8 and 9, X509-SVID §2 to §5)`, async (t) => {
    const denial = candidateFromCertificate(parseCertificate((await issue(options)).urlEncodedPem));
    t.deepEqual(denial, new Denial(reason as Denial['reason'], detail));
  });

test('sender of a certificate – refuses one that cannot be read, and says why (attacks 8)', (t) => {
  t.deepEqual(
    candidateFromCertificate(parseCertificate('garbage')),
    new Denial('peer_certificate_malformed', 'not one PEM certificate and nothing else'),
  );
});

for (const [what, makeKey] of Object.entries(oddPublicKeys))
  test(`sender of a certificate – a key of the kind ${what} is refused (NIST SP 800-131A, X509-SVID §4)`, async (t) => {
    const leaf = await issue({ uris: [ids.client], publicKey: makeKey() });
    t.deepEqual(
      candidateFromCertificate(parseCertificate(leaf.urlEncodedPem)),
      new Denial(
        'peer_certificate_unsuitable',
        'a key that is too weak, too large or of an unsupported type',
      ),
    );
  });
