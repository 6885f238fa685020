import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { parseJwks } from '../../src/core/token/keys.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { RemoteKeys } from '../../src/sources/remote-keys.ts';
import { NOW } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';

test('remote keys – a check that has waited before waits no longer than its deadline', async (t) => {
  const set = parseJwks({ keys: [createSigner('ES256').publicJwk] });
  if (!Array.isArray(set)) throw new Error('the set cannot be read');
  let answer: Promise<typeof set> = Promise.resolve(set);
  let now = NOW;
  const keys = new RemoteKeys({
    ...{ issuer: 'corp', refresh: 3_600_000, keep: 3_600_000, coolDown: 1_000 },
    bulkhead: new Bulkheads(() => 10).of('corp'),
    clock: () => now,
    report: () => {},
    fetch: () => answer,
  });
  await keys.start();
  keys.stop();
  answer = new Promise(() => {});
  now = NOW + 60_000;
  // It began two seconds ago, and its time is over.
  const waits = keys.refreshFor('unknown', { now: now - 2_000, deadline: now }).catch((error) => error);
  const ended = await Promise.race([waits, sleep(1_500, 'it still waits')]);
  t.true(ended instanceof DependencyError, String(ended));
});
