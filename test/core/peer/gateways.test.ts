import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { PeerPolicy, VerifiedPeer } from '../../../src/core/peer/verify-peer.ts';
import {
  byGateway,
  certs,
  domains,
  element,
  ids,
  notAfter,
  notBefore,
  gatewayElement as own,
  pattern,
  spiffe,
  verify,
} from './world.ts';

const { client, gateway } = certs;
const gateways = [pattern(ids.gateway)];
/** As Istio's gateway writes its client: with Cert. */
const proven = element(ids.client, {
  by: ids.gateway,
  hash: client.sha256Hex,
  more: `Cert="${client.urlEncodedPem}";`,
});
const asked = `${proven},${own}`;
const viaGateway = { via: spiffe(ids.gateway), source: 'xfcc' } as const;
const theClient: VerifiedPeer = {
  ...viaGateway,
  spiffeId: spiffe(ids.client),
  thumbprint: client.thumbprint,
  forwarded: asked,
};

const sanitises = new Denial(
  'peer_forwarded_ambiguous',
  'a gateway that sanitises leaves one element before its own',
);
const notNamed = new Denial(
  'peer_forwarded_ambiguous',
  'the last element does not name the peer of the proxy',
);

for (const [what, shown] of byGateway) {
  test(`gateway – its client is the element before its own, gateway by ${what}`, (t) => {
    t.deepEqual(verify({ ...shown, xfcc: asked }, { gateways }), theClient);
  });

  test(`gateway – without a client element it is the peer itself, gateway by ${what}`, (t) => {
    const peer = verify({ ...shown, xfcc: own }, { gateways });
    t.true(!(peer instanceof Denial) && peer?.spiffeId?.uri === ids.gateway);
    t.deepEqual(peer, {
      source: shown.certificate ? 'attribute' : 'xfcc',
      spiffeId: spiffe(ids.gateway),
      thumbprint: gateway.thumbprint,
      forwarded: own,
    });
  });

  test(`gateway – three elements are refused, gateway by ${what} (SANITIZE_SET leaves one)`, (t) => {
    const victim = element(ids.victim, { hash: certs.victim.sha256Hex });
    t.deepEqual(verify({ ...shown, xfcc: `${victim},${asked}` }, { gateways }), sanitises);
    t.deepEqual(verify({ ...shown, xfcc: `${victim},${victim},${asked}` }, { gateways }), sanitises);
  });

  test(`gateway – a gateway that is not configured is itself the peer, gateway by ${what}`, (t) => {
    for (const others of [
      [],
      [pattern(`${ids.gateway}2`)],
      [pattern('spiffe://cluster.local/ns/istio-system/sa')],
    ]) {
      const peer = verify({ ...shown, xfcc: asked }, { gateways: others });
      if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
      t.is(peer.spiffeId?.uri, ids.gateway);
      t.is(peer.thumbprint, gateway.thumbprint);
      t.is(peer.forwarded, own);
      t.false('via' in peer);
    }
  });
}

for (const [what, shown] of byGateway.slice(0, 3))
  test(`gateway – without XFCC it is the peer itself, gateway by ${what}`, (t) => {
    const peer = verify(shown, { gateways });
    if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
    t.is(peer.spiffeId?.uri, ids.gateway);
    t.false('via' in peer || 'forwarded' in peer);
  });

/** The last element is about another peer, so this proxy did not write the header. */
for (const [what, shown, xfcc, denial] of [
  ['the client last, with principal', byGateway[0]?.[1], `${own},${proven}`, notNamed],
  ['the client last, without principal', byGateway[1]?.[1], `${own},${proven}`, sanitises],
  ['the client last, by principal only', byGateway[2]?.[1], `${own},${proven}`, notNamed],
  ['the client alone, with principal', byGateway[0]?.[1], proven, notNamed],
  ['the client alone, without principal', byGateway[1]?.[1], proven, sanitises],
  [
    'an own element of another gateway certificate',
    byGateway[1]?.[1],
    `${proven},${element(ids.gateway, { hash: client.sha256Hex })}`,
    sanitises,
  ],
  [
    'an own element with another URI and no Hash',
    byGateway[1]?.[1],
    `${proven},${element(ids.victim)}`,
    sanitises,
  ],
  ['an own element without identity', byGateway[1]?.[1], `${proven},By=${ids.orders};URI=`, sanitises],
  [
    'a header that cannot be read',
    byGateway[1]?.[1],
    `${proven},`,
    new Denial('peer_forwarded_malformed', 'a pair without ='),
  ],
  [
    'a header in JSON',
    byGateway[0]?.[1],
    `[{"uri":"${ids.client}"}]`,
    new Denial('peer_forwarded_malformed', 'the JSON form is not supported'),
  ],
] as const)
  test(`gateway – refuses ${what} (the last element is the proxy's own word)`, (t) => {
    t.deepEqual(verify({ ...shown, xfcc }, { gateways }), denial);
  });

test('gateway – with XFCC not asked it is the peer itself (verify-peer.ts: from)', (t) => {
  for (const from of [
    ['attribute'],
    ['principal'],
    ['attribute', 'principal'],
  ] satisfies PeerPolicy['from'][]) {
    const peer = verify({ ...byGateway[0]?.[1], xfcc: asked }, { gateways, from });
    if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
    t.is(peer.spiffeId?.uri, ids.gateway);
    t.false('via' in peer || 'forwarded' in peer);
  }
});

test('gateway – its own certificate must be valid before it is believed (attacks 8)', (t) => {
  const shown = { ...byGateway[0]?.[1], xfcc: `${element(ids.client)},${own}` };
  t.false(verify(shown, { gateways }, notAfter - 1) instanceof Denial);
  t.deepEqual(
    verify(shown, { gateways }, notAfter),
    new Denial(
      'peer_certificate_expired',
      `valid until 2026-01-02T00:00:00.000Z; the peer is ${ids.gateway}`,
    ),
  );
  t.deepEqual(
    verify(shown, { gateways }, notBefore - 1),
    new Denial(
      'peer_certificate_not_yet_valid',
      `valid from 2026-01-01T00:00:00.000Z; the peer is ${ids.gateway}`,
    ),
  );
});

test('gateway – its own trust domain must be allowed before it is believed', (t) => {
  const foreign = element(ids.foreign, { hash: certs.foreign.sha256Hex });
  const xfcc = `${proven},${foreign}`;
  const shown = { certificate: certs.foreign.urlEncodedPem, principal: ids.foreign, xfcc };
  const trusting = { gateways: [pattern(ids.foreign)] };
  t.deepEqual(
    verify(shown, trusting),
    new Denial('peer_trust_domain_not_allowed', `the peer is ${ids.foreign}`),
  );
  const both = { ...trusting, trustDomains: domains('cluster.local', 'cluster.local.evil') };
  t.deepEqual(verify(shown, both), { ...theClient, via: spiffe(ids.foreign), forwarded: xfcc });
});
