import test from 'ava';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { createRemoteWorld } from '../support/remote-world.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

for (const viaJwksUri of [false, true])
  test(`rotation – a new key is found by its kid, ${viaJwksUri ? 'by jwksUri' : 'by discovery'} (OIDC Core §10.1.1)`, async (t) => {
    const world = await createRemoteWorld(t, { viaJwksUri, issuer: { coolDown: '0s' } });
    const next = createSigner('ES256');
    world.server.setKeys([world.signer, next]);
    isAllowed(t, await world.checkToken(next));
    isAllowed(t, await world.checkToken());
    t.is(world.server.count(world.server.paths.jwks), 2);
    t.is(world.server.count(world.server.paths.openid), viaJwksUri ? 0 : 2);
  });

test('rotation – many checks with the new key share one fetch', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { coolDown: '0s' } });
  const next = createSigner('ES256');
  world.server.setKeys([world.signer, next]);
  world.server.behave(world.server.paths.jwks, { kind: 'late', ms: 100 });
  world.server.resetCounts();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, jti) => world.checkToken(next, { jti })));
  for (const answer of answers) isAllowed(t, answer);
  t.is(world.server.count(world.server.paths.jwks), 1);
});

test('rotation – a key that left the set no longer verifies anything', async (t) => {
  const world = await createRemoteWorld(t);
  isAllowed(t, await world.checkToken());
  world.server.setKeys([createSigner('ES256')]);
  await world.refetch();
  isRefused(t, await world.checkToken(), 'token_key_unknown');
});

test('rotation – cached tokens stay after a refresh with the same key, and are dropped with the key', async (t) => {
  const world = await createRemoteWorld(t);
  const token = world.signer.sign(goodClaims({ iss: world.server.issuer }));
  const other = createSigner('ES256');
  isAllowed(t, await world.check({ token }));
  world.server.setKeys([other, world.signer]);
  await world.refetch();
  t.true((await world.check({ token })).decision.found.token?.cached);
  world.server.setKeys([other]);
  await world.refetch();
  isRefused(t, await world.check({ token }), 'token_key_unknown');
});

test('rotation – keys are fetched again by themselves, and no more after stop', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { refresh: '30ms' } });
  const next = createSigner('ES256');
  world.server.setKeys([next]);
  await waitFor('the refresh', 5_000, async () => (await world.checkToken(next)).decision.effect === 'allow');
  isRefused(t, await world.checkToken(), 'token_key_unknown');
  world.stop();
  // One fetch may be under way. Those of a refresh that goes on would never end.
  let count = -1;
  await waitFor(
    'the last fetch',
    5_000,
    () => {
      const before = count;
      count = world.server.count();
      return count === before;
    },
    500,
  );
  t.true(count > 0);
});

test('rotation – with known keys a check sends no request', async (t) => {
  const world = await createRemoteWorld(t);
  world.server.resetCounts();
  for (let jti = 0; jti < 50; jti++) isAllowed(t, await world.checkToken(undefined, { jti }));
  t.is(world.server.count(), 0);
});

test('key age – is told of the token and of the issuer', async (t) => {
  const world = await createRemoteWorld(t);
  const fetchedAt = world.clock.now;
  world.clock.now += 42_000;
  const answer = await world.checkToken();
  t.is(answer.decision.found.token?.keyFetchedAt, fetchedAt);
  t.like(world.issuers[0]?.state(), { keyAge: 42, fetches: 1, failures: 0, failure: undefined });
});
