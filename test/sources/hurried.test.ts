import test from 'ava';
import { EndpointBundle } from '../../src/sources/trust-bundle-endpoint.ts';
import { NOW } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createRemoteWorld } from '../support/remote-world.ts';
import { waitFor } from '../support/wait.ts';

test('keys – a check that needs keys ends the pause after a failure, so an outage does not last longer', async (t) => {
  const world = await createRemoteWorld(t, { before: (server) => server.down() });
  const [issuer] = world.issuers;
  // Now the pauses are longer than this test.
  for (let failure = 1; failure < 6; failure++) await world.refetch();
  await world.server.up();
  world.clock.now = NOW + 2_000;
  isRefused(t, await world.checkToken(), 'issuer_unavailable');
  t.is(issuer?.state().fetches, 7, 'the check began an attempt');
  await waitFor('keys', 5_000, () => issuer?.state().failure === undefined);
  isAllowed(t, await world.checkToken());
});

test('keys – many checks that need keys cause one attempt in two seconds', async (t) => {
  const world = await createRemoteWorld(t, { before: (server) => server.down() });
  const [issuer] = world.issuers;
  for (let failure = 1; failure < 6; failure++) await world.refetch();
  world.clock.now = NOW + 1_999;
  for (let check = 0; check < 50; check++) isRefused(t, await world.checkToken(), 'issuer_unavailable');
  t.is(issuer?.state().fetches, 6);
  world.clock.now = NOW + 2_000;
  for (let check = 0; check < 50; check++) isRefused(t, await world.checkToken(), 'issuer_unavailable');
  t.is(issuer?.state().fetches, 7);
});

test('trust bundle – a check that needs it ends the pause after a failure', async (t) => {
  const clock = { now: NOW };
  let attempts = 0;
  const bundle = new EndpointBundle({
    ...{ trustDomain: 'cluster.local', keep: 3_600_000, clock: () => clock.now, report: () => undefined },
    fetch: () => {
      attempts++;
      return Promise.reject(new Error('down'));
    },
  });
  t.teardown(() => bundle.stop());
  t.throws(() => bundle.current(NOW), { message: /there was no attempt yet/ });
  t.is(attempts, 0);
  for (let failure = 0; failure < 6; failure++) await bundle.start();
  clock.now = NOW + 2_000;
  t.throws(() => bundle.current(clock.now), { message: /was never fetched: down/ });
  t.is(attempts, 7);
});
