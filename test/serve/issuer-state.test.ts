import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority } from '../../src/sources/cached-authority.ts';
import { NOW } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { createRemoteWorld } from '../support/remote-world.ts';
import { createTokenWorld } from '../support/token-fixture.ts';

test('issuer state – keys fail since the first of the failures in a row, and not after a success', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { keep: '48h' } });
  const [issuer] = world.issuers;
  t.like(issuer?.state(), { iss: world.server.issuer, maxKeyAge: 172_800, failingSince: undefined });
  await world.server.down();
  for (const later of [5_000, 9_000]) {
    world.clock.now = NOW + later;
    await world.refetch();
    t.is(issuer?.state().failingSince, NOW + 5_000);
  }
  t.like(issuer?.state(), { knownFor: 9, keyAge: 9 });
  await world.server.up();
  await world.refetch();
  t.is(issuer?.state().failingSince, undefined);
});

test('issuer state – a file of keys fails since the look that first failed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-state-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const jwks = join(folder, 'jwks.json');
  const text = JSON.stringify({ keys: [createSigner('ES256').publicJwk] });
  writeFileSync(jwks, text);
  const world = await createTokenWorld([], { jwks });
  t.teardown(() => world.stop());
  const [issuer] = world.issuers;
  t.like(issuer?.state(), { maxKeyAge: undefined, failingSince: undefined });
  rmSync(jwks);
  world.clock.now = NOW + 3_000;
  await issuer?.source.start();
  t.is(issuer?.state().failingSince, NOW + 3_000);
  writeFileSync(jwks, text);
  await issuer?.source.start();
  t.is(issuer?.state().failingSince, undefined);
});

test('issuer state – answers fail since the first failure in a row', async (t) => {
  const clock = { now: 1_000 };
  let isDown = true;
  const authority = new CachedAuthority({
    ask: async () => {
      if (isDown) throw new DependencyError('introspection_unavailable', 'down', 1);
      return { claims: undefined, audiences: undefined, username: undefined, cached: false };
    },
    ...{ authority: 'corp', unavailable: 'introspection_unavailable', timeout: 5_000 },
    ...{ clock: () => clock.now, bulkhead: new Bulkheads(() => 10).of('corp') },
  });
  const ask = (token: string) => authority.ask(token, token, { now: clock.now, deadline: clock.now + 1_000 });
  for (const token of ['a', 'b']) {
    await t.throwsAsync(ask(token), { instanceOf: DependencyError });
    t.is(authority.state().failingSince, 1_000);
    clock.now += 500;
  }
  isDown = false;
  await ask('c');
  t.is(authority.state().failingSince, undefined);
});
