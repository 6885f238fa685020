import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import {
  byGateway,
  certs,
  element,
  ids,
  issue,
  noon,
  notBefore,
  gatewayElement as own,
  pattern,
  spiffe,
  svid,
  verify,
} from './world.ts';

const { client, gateway } = certs;
const gateways = [pattern(ids.gateway)];
const old = await svid(ids.client, {
  notBefore: new Date(notBefore - 7_200_000),
  notAfter: new Date(noon - 1),
});
const ca = await issue({ uris: [ids.client], isCa: true });
const two = await issue({ uris: [ids.client, ids.victim] });
const viaGateway = { via: spiffe(ids.gateway), source: 'xfcc' } as const;

/** What the gateway says of its client is held against the same rules as a direct peer. */
for (const [what, before, denial] of [
  [
    'an expired client',
    `Cert="${old.urlEncodedPem}";URI=${ids.client}`,
    new Denial('peer_certificate_expired', `valid until 2026-01-01T11:59:59.000Z; the peer is ${ids.client}`),
  ],
  ['a CA', `Cert="${ca.urlEncodedPem}"`, new Denial('peer_certificate_unsuitable', 'a CA certificate')],
  ['two SPIFFE IDs', `Cert="${two.urlEncodedPem}"`, new Denial('peer_certificate_unsuitable', '2 URI SANs')],
  [
    'two URIs',
    `Hash=${client.sha256Hex};URI=${ids.client};URI=${ids.victim}`,
    new Denial('peer_forwarded_ambiguous', 'several URIs, and no Cert that confirms one'),
  ],
  [
    'another trust domain',
    element(ids.foreign),
    new Denial('peer_trust_domain_not_allowed', `the peer is ${ids.foreign}`),
  ],
  [
    'a bad ID',
    element('spiffe://cluster.local/..'),
    new Denial('peer_spiffe_id_invalid', 'a path segment of dots'),
  ],
  [
    'a bad Hash',
    element(ids.client, { hash: 'x' }),
    new Denial('peer_forwarded_malformed', 'Hash is not a hex SHA-256'),
  ],
  [
    'a Hash that is not of its Cert',
    `Hash=${certs.victim.sha256Hex};Cert="${client.urlEncodedPem}"`,
    new Denial('peer_forwarded_ambiguous', 'Hash and Cert are of two certificates'),
  ],
  [
    'a Cert that cannot be read',
    'Cert="x"',
    new Denial('peer_certificate_malformed', 'not one PEM certificate and nothing else'),
  ],
] as const)
  for (const [by, shown] of byGateway)
    test(`gateway – refuses ${what} behind it, gateway by ${by} (attacks 8)`, (t) => {
      t.deepEqual(verify({ ...shown, xfcc: `${before},${own}` }, { gateways }), denial);
    });

for (const [what, before, peer] of [
  [
    'Hash and URI',
    element(ids.client, { hash: client.sha256Hex }),
    { spiffeId: spiffe(ids.client), thumbprint: client.thumbprint },
  ],
  [
    'Hash only (external client)',
    `Hash=${client.sha256Hex};Subject="CN=a";URI=`,
    { thumbprint: client.thumbprint },
  ],
  ['URI only', `By=${ids.gateway};URI=${ids.client}`, { spiffeId: spiffe(ids.client) }],
] as const)
  for (const [by, shown] of byGateway)
    test(`gateway – its client may be known by ${what}, gateway by ${by}`, (t) => {
      const xfcc = `${before},${own}`;
      t.deepEqual(verify({ ...shown, xfcc }, { gateways }), { ...viaGateway, ...peer, forwarded: xfcc });
    });

test('gateway – if the client element has no identity, the gateway is the peer, with only its own element (verify-peer.ts)', (t) => {
  const peer = verify({ ...byGateway[0]?.[1], xfcc: `By=${ids.gateway};URI=,${own}` }, { gateways });
  t.deepEqual(peer, {
    source: 'attribute',
    spiffeId: spiffe(ids.gateway),
    thumbprint: gateway.thumbprint,
    forwarded: own,
  });
});
