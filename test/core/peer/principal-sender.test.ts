import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { candidateFromPrincipal } from '../../../src/core/peer/peer-candidate.ts';
import { ids, spiffe } from './world.ts';

const segment = 'a path segment has other characters than a-z A-Z 0-9 . - _';

test('sender of a principal – a SPIFFE ID is a workload, without a certificate', (t) => {
  t.deepEqual(candidateFromPrincipal(ids.client), { spiffeId: spiffe(ids.client) });
});

for (const principal of [
  '',
  'client.example',
  'CN=client,O=x',
  'O=SPIRE,C=US',
  'https://client.example',
  ` ${ids.client}`,
])
  test(`sender of a principal – "${principal}" is not an identity`, (t) => {
    t.is(candidateFromPrincipal(principal), undefined);
  });

for (const [principal, detail] of [
  ['spiffe://cluster.local', 'the ID of a trust domain, not of a workload'],
  ['SPIFFE://cluster.local/ns/a', 'does not start with spiffe://'],
  [`${ids.client}/`, 'an empty path segment or a trailing slash'],
  [`${ids.client},${ids.victim}`, segment],
  [`${ids.client}\0`, segment],
  ['spiffe://cluster.local/ns/%2e%2e/x', segment],
] as const)
  test(`sender of a principal – refuses ${JSON.stringify(principal)} (attacks 9)`, (t) => {
    t.deepEqual(candidateFromPrincipal(principal), new Denial('peer_spiffe_id_invalid', detail));
  });
