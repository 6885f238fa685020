import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openClient } from '../support/client.ts';
import type { Envoy } from '../support/envoy.ts';
import { authorizerCluster } from '../support/envoy-ext-authz.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import type { PeerproofProcess } from '../support/peerproof-process.ts';
import { withDeadline } from '../support/wait.ts';
import { type DrainWorld, startDrainWorld } from './drain-world.ts';

/** SIGTERM through HTTP ext_authz: readiness turns Envoy away, and the connections that it keeps end between two checks. */

const LOAD_MS = 4_000;

let world: DrainWorld;

test.before(async () => {
  if (!hasEnvoy) return;
  world = await startDrainWorld({
    config: { http: { pathPrefix: '/check', xfcc: 'direct' } },
    // Envoy's own connections to us must also survive the checks of requests with a body.
    parts: (turn) => (turn % 3 === 0 ? { body: 'x'.repeat(10_000) } : {}),
  });
});

test.after.always(() => world?.stop());

function startGate(instances: PeerproofProcess[], protocol: 'http1' | 'http2'): Promise<Envoy> {
  const http = {
    ports: instances.map(({ httpPort }) => httpPort),
    // In Kubernetes readiness takes an instance out; here Envoy itself looks.
    healthPorts: instances.map(({ adminPort }) => adminPort),
    pathPrefix: '/check',
    protocol,
  };
  return world.startGate(kymaAuthorizer(http, { timeoutMs: 5_000 }), instances.length);
}

for (const protocol of ['http1', 'http2'] as const)
  envoyTest(`${protocol}: SIGTERM under load: no request fails, every check is in the log`, async (t) => {
    const instances = await Promise.all([world.startOne(), world.startOne()]);
    const [leaving, staying] = instances as [PeerproofProcess, PeerproofProcess];
    const envoy = await startGate(instances, protocol);
    const target = { port: envoy.port('sidecar'), tls: world.tls };
    const clients = [openClient(target), openClient({ ...target, protocol: 'h2' })];
    try {
      const loaded = world.load(clients, LOAD_MS);
      await sleep(800);
      const before = (await leaving.decisions()).length;
      leaving.signal('SIGTERM');
      const outcomes = await loaded;
      t.deepEqual([...outcomes.keys()], ['good'], JSON.stringify([...outcomes].slice(0, 5)));
      const total = outcomes.get('good') ?? 0;
      t.true(total > 100, `${total} requests`);
      t.deepEqual(await withDeadline('the end', 6_000, leaving.ended), { code: 0, signal: null });
      t.is(leaving.stderr(), '');

      // The other one writes with a delay of half a second at the most.
      await sleep(700);
      const [left, stayed] = [await leaving.decisions(), await staying.decisions()];
      t.true(left.length > before, 'it had work');
      t.is(left.length + stayed.length, total);
      t.is(new Set([...left, ...stayed].map((line) => line.decision_id)).size, total);
      t.true([...left, ...stayed].every(({ effect, door }) => effect === 'allow' && door === 'http'));
      t.regex((await leaving.lines()).at(-1) ?? '', /"event":"stopped"/);
      assertDiscreet(t, [...(await leaving.lines()), ...(await staying.lines())], world.tokens);
    } finally {
      for (const one of clients) one.close();
    }
  });

for (const protocol of ['http1', 'http2'] as const)
  envoyTest(`${protocol}: a check that waits for an issuer at SIGTERM is answered`, async (t) => {
    const one = await world.startOne();
    const envoy = await startGate([one], protocol);
    const next = createSigner('ES256');
    world.issuer.setKeys([world.signer, next]);
    world.issuer.behave(world.issuer.paths.jwks, { kind: 'late', ms: 2_500 });
    const slow = openClient({ port: envoy.port('sidecar'), tls: world.tls });
    try {
      const token = world.mint({}, next);
      const answer = slow.request({ headers: [['authorization', `Bearer ${token}`]] });
      await sleep(300);
      one.signal('SIGTERM');
      await sleep(300);
      t.like(await one.page('/readyz'), { status: 503 });
      // It comes after the delay, when nothing new is taken any more.
      t.is((await answer).status, 200);
      t.deepEqual(await withDeadline('the end', 6_000, one.ended), { code: 0, signal: null });
      const decisions = await one.decisions();
      t.is(decisions.length, 1);
      t.true(decisions[0].duration_us > 2_000_000);
    } finally {
      slow.close();
      world.issuer.behave(world.issuer.paths.jwks, { kind: 'ok' });
    }
  });

envoyTest('a connection that Envoy keeps is not closed by us between two checks', async (t) => {
  const one = await world.startOne();
  for (const protocol of ['http1', 'http2'] as const) {
    const envoy = await startGate([one], protocol);
    const target = openClient({ port: envoy.port('sidecar'), tls: world.tls });
    const stat = `cluster.${authorizerCluster('sidecar')}.upstream_cx_destroy_remote`;
    try {
      for (const pause of [0, 7_000, 0]) {
        await sleep(pause);
        const headers = [['authorization', `Bearer ${world.mint()}`]] as const;
        t.is((await target.request({ headers })).status, 200);
      }
      t.is(await envoy.stat(stat), 0);
    } finally {
      target.close();
    }
  }
});
