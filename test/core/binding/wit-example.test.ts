import test from 'ava';
import { proofs } from '../../../src/core/binding/bind.ts';
import { readConfirmation } from '../../../src/core/binding/confirmation.ts';
import { Denial } from '../../../src/core/denial.ts';
import { parseJws } from '../../../src/core/token/jws.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { createCheckWorld } from '../../support/check-world.ts';
import { createWorkloadKeys, digestOf, witConfig } from '../../support/wit-fixture.ts';

/**
 * The request in the example of draft-ietf-wimse-wpt-01 §2. Its WIT has an identifier of the scheme wimse, which is not
 * accepted, so the proof is asked by itself.
 */
const wit =
  'eyJhbGciOiJFUzI1NiIsImtpZCI6Ikp1bmUgNSIsInR5cCI6IndpdCtqd3QifQ.eyJjbmYiOnsiandrIjp7ImFsZyI6IkVkRFNBIiwiY3J2IjoiRWQyNTUxOSIsImt0eSI6Ik9LUCIsIngiOiIxQ1hYdmZsTl9MVlZzSXNZWHNVdkIwM0ptbEdXZUNIcVFWdW91Q0Y5MmJnIn19LCJleHAiOjE3NDU1MTI1MTAsImlhdCI6MTc0NTUwODkxMCwianRpIjoieC1fMUNUTDJjY2EzQ1NFNGN3Yl9sIiwic3ViIjoid2ltc2U6Ly9leGFtcGxlLmNvbS9zcGVjaWZpYy13b3JrbG9hZCJ9.6KraSQUxWdl9dxFQ3Fj6dPY0Vi88OkwFwZpAIOhLeq6AbXAnLLQgOp8U9UDGcBuYF3KiNv6oKQD1ZWAzrMZOJw';
const wpt =
  'eyJhbGciOiJFZERTQSIsInR5cCI6IndwdCtqd3QifQ.eyJhdGgiOiJDTDR3amZwUm1OZi1iZFlJYllMblY5ZDVyTUFSR3dLWUUxMHdVd3pDMGpJIiwiYXVkIjoiaHR0cHM6Ly93b3JrbG9hZC5leGFtcGxlLmNvbS9wYXRoIiwiZXhwIjoxNzQ1NTEwMDE2LCJqdGkiOiJfX2J3YzRFU0MzYWNjMkxUQzEtX3giLCJ3dGgiOiJBYVlVZkMzNEQxZGkyRnhRTHBpSUpKN1NnOFZaNm84T0Nkd1NmOUlUb0xnIn0.PI7d9AcYhLoEgPgbJvcM132lkBKnM1NXU-5hZUzVTIyj2dRJaTLFs6e5NYv5gg6AqcV7NvkYCwfgMgWasWQzCA';
const exp = 1_745_510_016;

const { policy } = await createCheckWorld(witConfig(createWorkloadKeys().issuer));
const jws = parseJws(wit);
if (jws instanceof Malformed) throw new TypeError(jws.why);
const { cnf } = jws.payload;
const read = readConfirmation(cnf);
const confirmation = read instanceof Denial ? undefined : read;

function prove(now: number, change: { authorization?: string; path?: string } = {}) {
  const origins = new Map([['workload.example.com', 'https://workload.example.com']]);
  const settings = { ...policy.proofs.wit, origins, drafts: ['wpt-01' as const], digest: digestOf };
  return proofs.wit.prove({
    token: { kind: 'workload-identity-token', confirmation: cnf } as never,
    confirmation,
    peer: undefined,
    clients: new Map(),
    request: {
      method: 'POST',
      host: 'workload.example.com',
      path: change.path ?? '/path',
      headers: {
        authorization: change.authorization ?? 'Bearer 16_mAd0GiwaZokU26_0902100',
        'workload-proof-token': wpt,
      },
    },
    presented: { token: wit },
    settings: { ...policy.proofs, wit: settings },
    now,
  });
}

test('wit – accepts the example of the draft, until it has expired', (t) => {
  const once = prove((exp - 60) * 1000);
  t.false(once instanceof Denial, JSON.stringify(once));
  t.like(once, { until: (exp + 30) * 1000 });
  t.like(prove((exp + 30) * 1000), { reason: 'proof_expired' });
});

test('wit – denies the example at another path, or with another access token', (t) => {
  const now = (exp - 60) * 1000;
  t.like(prove(now, { path: '/paths' }), { reason: 'proof_target_mismatch' });
  t.like(prove(now, { authorization: 'Bearer x' }), { reason: 'proof_token_mismatch' });
});
