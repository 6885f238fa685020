import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { VerifiedPeer } from '../../../src/core/peer/verify-peer.ts';
import { checkIssuers, checkPeers, checkScopes } from '../../../src/core/policy/requirements.ts';
import { ids, pattern, spiffe } from '../peer/world.ts';

for (const [required, granted] of [
  [[], []],
  [[], ['orders.read']],
  [['orders.read'], ['orders.read']],
  [['orders.read'], ['orders.write', 'orders.read']],
  [
    ['a', 'b'],
    ['b', 'c', 'a'],
  ],
  [['a', 'a'], ['a']],
] as const)
  test(`scopes – ${JSON.stringify(required)} are in ${JSON.stringify(granted)} (RFC 6750 §3.1)`, (t) => {
    t.is(checkScopes(required, granted), undefined);
  });

for (const [required, granted, missing] of [
  [['orders.read'], [], 'orders.read'],
  [['orders.read'], ['orders.write'], 'orders.read'],
  [['orders.read'], ['orders.reader'], 'orders.read'],
  [['orders.read'], ['orders'], 'orders.read'],
  [['orders.read'], ['Orders.Read'], 'orders.read'],
  [['orders.read'], ['orders.*', '*'], 'orders.read'],
  [['orders.read'], ['orders.read orders.write'], 'orders.read'],
  [['orders.read'], ['orders.read,orders.write'], 'orders.read'],
  [['a', 'b', 'c'], ['b'], 'a c'],
  [['a'], [''], 'a'],
] as const)
  test(`scopes – ${JSON.stringify(required)} are not all in ${JSON.stringify(granted)} (RFC 6750 §3.1)`, (t) => {
    t.deepEqual(
      checkScopes(required, granted),
      new Denial(
        'scope_missing',
        `missing: ${missing}; the token ${granted.length === 0 ? 'does not have any' : `has ${granted.join(', ')}`}`,
        { scope: required.join(' ') },
      ),
    );
  });

for (const [required, issuer] of [
  [[], 'corp'],
  [['corp'], 'corp'],
  [['partner', 'corp'], 'corp'],
] as const)
  test(`issuers – ${issuer} is one of ${JSON.stringify(required)}, or none is named`, (t) => {
    t.is(checkIssuers(required, issuer), undefined);
  });

for (const [required, issuer] of [
  [['partner'], 'corp'],
  [['corporate'], 'corp'],
  [['corp'], 'Corp'],
  [['corp'], 'corp '],
  [['corp'], 'https://corp'],
  [[''], 'corp'],
] as const)
  test(`issuers – "${issuer}" is none of ${JSON.stringify(required)}`, (t) => {
    t.deepEqual(
      checkIssuers(required, issuer),
      new Denial(
        'token_issuer_not_allowed',
        `the token is from ${issuer}; the rule accepts ${required.join(', ')}`,
      ),
    );
  });

const peer: VerifiedPeer = { source: 'attribute', spiffeId: spiffe(ids.client), thumbprint: 'x' };
const applications = pattern('spiffe://cluster.local/ns/applications/sa/*');
const other = pattern('spiffe://cluster.local/ns/other/**');
const begins = pattern('spiffe://cluster.local/ns/applications/sa/oauth');

for (const [what, required, who] of [
  ['none is required, and none is there', [], undefined],
  ['none is required', [], peer],
  ['it is named', [pattern(ids.client)], peer],
  ['a pattern covers it', [applications], peer],
  ['one of the patterns covers it', [other, begins, applications], peer],
  ['it is known behind a gateway', [applications], { ...peer, source: 'xfcc', via: spiffe(ids.gateway) }],
  ['only its name is known', [applications], { source: 'principal', spiffeId: spiffe(ids.client) }],
] as const)
  test(`peers – may pass where ${what}`, (t) => {
    t.is(checkPeers(required, who), undefined);
  });

const missing = new Denial(
  'peer_missing',
  'the rule names peers, and no peer with a SPIFFE ID was presented',
);
for (const [what, required, who, denial] of [
  ['none is there', [applications], undefined, missing],
  ['only a thumbprint is there', [applications], { source: 'xfcc', thumbprint: 'x' }, missing],
  ['it has no identity at all', [applications], { source: 'principal' }, missing],
  [
    'another is required',
    [other],
    peer,
    new Denial('peer_not_allowed', `the peer is ${ids.client}; wanted: ${other.text}`),
  ],
  [
    'one is required whose name it begins with',
    [begins],
    peer,
    new Denial('peer_not_allowed', `the peer is ${ids.client}; wanted: ${begins.text}`),
  ],
  [
    'its gateway is required, and not itself',
    [pattern(ids.gateway)],
    { ...peer, source: 'xfcc', via: spiffe(ids.gateway) },
    new Denial('peer_not_allowed', `the peer is ${ids.client}; wanted: ${ids.gateway}`),
  ],
  [
    'it has the same path in another trust domain',
    [pattern(ids.client)],
    { source: 'attribute', spiffeId: spiffe(ids.foreign) },
    new Denial('peer_not_allowed', `the peer is ${ids.foreign}; wanted: ${ids.client}`),
  ],
] as const)
  test(`peers – may not pass where ${what} (attacks 9)`, (t) => {
    t.deepEqual(checkPeers(required, who), denial);
  });

test('requirements – the detail says what was wanted and what was there, and shows a few of many', (t) => {
  const many = Array.from({ length: 30 }, (_, n) => `scope-${n}`);
  t.is(
    checkScopes(['a'], many)?.detail,
    `missing: a; the token has ${many.slice(0, 8).join(', ')} and 22 more`,
  );
  t.is(
    checkPeers(
      many.map((name) => pattern(`${ids.client}/${name}`)),
      peer,
    )?.detail,
    `the peer is ${ids.client}; wanted: ${many
      .slice(0, 3)
      .map((name) => `${ids.client}/${name}`)
      .join(', ')} and 27 more`,
  );
  t.true((checkScopes(['a'], ['x'.repeat(50_000)])?.detail ?? '').length < 100);
});
