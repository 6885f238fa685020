import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { PeerPolicy, VerifiedPeer } from '../../../src/core/peer/verify-peer.ts';
import {
  certs,
  element,
  ids,
  issue,
  notBefore,
  type Shown,
  spiffe,
  verify,
  verifyWithTime,
} from './world.ts';

const { client, victim } = certs;
const id = spiffe(ids.client);
const { thumbprint, sha256Hex: hash } = client;
const named = element(ids.client, { hash });
const withCert = element(ids.client, { hash, more: `Cert="${client.urlEncodedPem}";` });

const ca = await issue({ uris: [ids.client], isCa: true });
const two = await issue({ uris: [ids.client, ids.victim] });
const noUse = await issue({ uris: [ids.client], keyUsage: ['keyEncipherment'] });
const domain = await issue({ uris: ['spiffe://cluster.local'] });

/** Each way in, alone. */
const alone: readonly [what: string, shown: Shown, peer: VerifiedPeer, change?: Partial<PeerPolicy>][] = [
  ['attribute', { certificate: client.urlEncodedPem }, { source: 'attribute', spiffeId: id, thumbprint }],
  ['XFCC Hash and URI', { xfcc: named }, { source: 'xfcc', spiffeId: id, thumbprint, forwarded: named }],
  ['XFCC Cert', { xfcc: withCert }, { source: 'xfcc', spiffeId: id, thumbprint, forwarded: withCert }],
  ['XFCC Hash only', { xfcc: `Hash=${hash}` }, { source: 'xfcc', thumbprint, forwarded: `Hash=${hash}` }],
  [
    'XFCC URI only (waypoint)',
    { xfcc: element(ids.client) },
    { source: 'xfcc', spiffeId: id, forwarded: element(ids.client) },
  ],
  ['principal', { principal: ids.client }, { source: 'principal', spiffeId: id }],
  [
    'attribute of a connection',
    { certificate: client.urlEncodedPem, tcp: true },
    { source: 'attribute', spiffeId: id, thumbprint },
  ],
  ['principal of a connection', { principal: ids.client, tcp: true }, { source: 'principal', spiffeId: id }],
  [
    'x-client-certificate where it is named',
    { clientCertificate: client.urlEncodedPem },
    { source: 'x-client-certificate', spiffeId: id, thumbprint },
    { from: ['x-client-certificate'] },
  ],
  [
    'attribute, principal and XFCC of one peer',
    { certificate: client.urlEncodedPem, principal: ids.client, xfcc: named },
    { source: 'attribute', spiffeId: id, thumbprint, forwarded: named },
  ],
  [
    'principal and XFCC of one peer',
    { principal: ids.client, xfcc: named },
    { source: 'xfcc', spiffeId: id, thumbprint, forwarded: named },
  ],
  [
    'principal, with XFCC not asked',
    { principal: ids.client, xfcc: named },
    { source: 'principal', spiffeId: id },
    { from: ['principal'] },
  ],
  [
    'principal, before XFCC of the same peer',
    { principal: ids.client, xfcc: named },
    { source: 'principal', spiffeId: id, forwarded: named },
    { from: ['principal', 'xfcc'] },
  ],
];
for (const [what, shown, peer, change] of alone)
  test(`peer – is read from ${what}`, (t) => {
    t.deepEqual(verify(shown, change), peer);
  });

const nobody: readonly [what: string, shown: Shown, change?: Partial<PeerPolicy>][] = [
  ['nothing is shown', {}],
  ['all is empty', { certificate: '', principal: '', xfcc: '', clientCertificate: '' }],
  ['a connection shows nothing', { tcp: true }],
  ['the principal is a DNS name', { principal: 'client.example' }],
  ['the principal is a subject', { principal: 'O=SPIRE,C=US' }],
  ['the last element has no identity', { xfcc: `${named},By=${ids.orders};URI=` }],
  ['the last element has DNS and Subject only', { xfcc: 'Subject="CN=a";DNS=a' }],
  [
    'only the attribute counts, and XFCC is there',
    { xfcc: named, principal: ids.client },
    { from: ['attribute'] },
  ],
  [
    'only XFCC counts, and a certificate is there',
    { certificate: client.urlEncodedPem, principal: ids.client },
    { from: ['xfcc'] },
  ],
  ['x-client-certificate is there and not named', { clientCertificate: client.urlEncodedPem }],
  ['x-client-certificate is garbage and not named', { clientCertificate: 'garbage' }],
];
for (const [what, shown, change] of nobody)
  test(`peer – there is no peer if ${what}`, (t) => {
    t.is(verify(shown, change), undefined);
  });

/** Four different peers at once, which a real proxy never sends: only the order decides which one is used. */
const all: Shown = {
  certificate: client.urlEncodedPem,
  xfcc: element(ids.victim, { hash: victim.sha256Hex }),
  principal: ids.victim,
  clientCertificate: certs.evil.urlEncodedPem,
};
for (const [from, source, uri] of [
  [['attribute', 'xfcc', 'principal'], 'attribute', ids.client],
  [['attribute', 'x-client-certificate'], 'attribute', ids.client],
  [['xfcc', 'attribute', 'principal'], 'xfcc', ids.victim],
  [['principal', 'xfcc', 'attribute'], 'principal', ids.victim],
  [['x-client-certificate', 'attribute'], 'x-client-certificate', ids.evil],
  [['x-client-certificate'], 'x-client-certificate', ids.evil],
] as const)
  test(`peer – of ${from.join(', ')} the first source with a peer is used (verify-peer.ts)`, (t) => {
    const peer = verify(all, { from });
    t.true(!(peer instanceof Denial) && peer?.source === source && peer.spiffeId?.uri === uri);
  });

const notOne = 'not one PEM certificate and nothing else';
const refused: readonly [
  what: string,
  shown: Shown,
  reason: Denial['reason'],
  detail: string,
  change?: Partial<PeerPolicy>,
][] = [
  ['an attribute that is garbage', { certificate: 'garbage' }, 'peer_certificate_malformed', notOne],
  [
    'an attribute that is garbage, before a good principal',
    { certificate: 'garbage', xfcc: named, principal: ids.client },
    'peer_certificate_malformed',
    notOne,
  ],
  ['a CA', { certificate: ca.urlEncodedPem }, 'peer_certificate_unsuitable', 'a CA certificate'],
  [
    'two SPIFFE IDs',
    { certificate: two.urlEncodedPem, principal: ids.client },
    'peer_certificate_unsuitable',
    '2 URI SANs',
  ],
  [
    'a key that must not sign',
    { certificate: noUse.urlEncodedPem },
    'peer_certificate_unsuitable',
    'keyUsage without digitalSignature',
  ],
  [
    'the ID of a trust domain',
    { certificate: domain.urlEncodedPem },
    'peer_spiffe_id_invalid',
    'the ID of a trust domain, not of a workload',
  ],
  [
    'a principal that is no SPIFFE ID',
    { principal: `${ids.client}/` },
    'peer_spiffe_id_invalid',
    'an empty path segment or a trailing slash',
  ],
  ['XFCC that is garbage', { xfcc: 'garbage' }, 'peer_forwarded_malformed', 'a pair without ='],
  [
    'XFCC that is garbage, before a good principal',
    { xfcc: 'garbage', principal: ids.client },
    'peer_forwarded_malformed',
    'a pair without =',
  ],
  [
    'XFCC in JSON',
    { xfcc: `[{"uri":"${ids.client}"}]` },
    'peer_forwarded_malformed',
    'the JSON form is not supported',
  ],
  [
    'XFCC with a bad Hash',
    { xfcc: element(ids.client, { hash: 'ab' }) },
    'peer_forwarded_malformed',
    'Hash is not a hex SHA-256',
  ],
  [
    'XFCC with two URIs',
    { xfcc: `Hash=${hash};URI=${ids.client};URI=${ids.victim}` },
    'peer_forwarded_ambiguous',
    'several URIs, and no Cert that confirms one',
  ],
  [
    'XFCC with Hash of another Cert',
    { xfcc: element(ids.client, { hash: victim.sha256Hex, more: `Cert="${client.urlEncodedPem}";` }) },
    'peer_forwarded_ambiguous',
    'Hash and Cert are of two certificates',
  ],
  ['XFCC with a Cert that is garbage', { xfcc: 'Cert="garbage"' }, 'peer_certificate_malformed', notOne],
  [
    'XFCC with a CA',
    { xfcc: `Cert="${ca.urlEncodedPem}"` },
    'peer_certificate_unsuitable',
    'a CA certificate',
  ],
  [
    'XFCC with a URI that is no SPIFFE ID',
    { xfcc: `URI=${ids.client}/..` },
    'peer_spiffe_id_invalid',
    'a path segment of dots',
  ],
  [
    'x-client-certificate twice',
    { clientCertificate: `${client.urlEncodedPem},${client.urlEncodedPem}` },
    'peer_certificate_malformed',
    notOne,
    { from: ['x-client-certificate'] },
  ],
  [
    'x-client-certificate, another before it',
    { clientCertificate: `${victim.urlEncodedPem},${client.urlEncodedPem}` },
    'peer_certificate_malformed',
    notOne,
    { from: ['x-client-certificate', 'attribute'] },
  ],
  [
    'x-client-certificate as garbage',
    { clientCertificate: 'garbage', certificate: client.urlEncodedPem },
    'peer_certificate_malformed',
    notOne,
    { from: ['x-client-certificate', 'attribute'] },
  ],
];
for (const [what, shown, reason, detail, change] of refused)
  test(`peer – refuses ${what} (attacks 8, verify-peer.ts)`, (t) => {
    t.deepEqual(verify(shown, change), new Denial(reason, detail));
  });

test('peer – a certificate says since when it is valid, and a name does not', (t) => {
  const validFrom = (shown: Shown) => (verifyWithTime(shown) as VerifiedPeer).validFrom;
  t.is(validFrom({ certificate: certs.client.urlEncodedPem }), notBefore);
  t.is(validFrom({ principal: ids.client }), undefined);
});
