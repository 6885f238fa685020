import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openClient } from '../support/client.ts';
import type { Envoy } from '../support/envoy.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import type { PeerproofProcess } from '../support/peerproof-process.ts';
import { withDeadline } from '../support/wait.ts';
import { type DrainWorld, startDrainWorld } from './drain-world.ts';

/** SIGTERM: checks under way are answered, and later checks go to another instance in time. */

const LOAD_MS = 4_000;

let world: DrainWorld;

test.before(async () => {
  if (hasEnvoy) world = await startDrainWorld();
});

test.after.always(() => world?.stop());

function startGate(instances: PeerproofProcess[]): Promise<Envoy> {
  const grpc = { ports: instances.map(({ grpcPort }) => grpcPort), healthCheck: true };
  const extAuthz = { grpc, istioPair: true, includePeerCertificate: true, timeoutMs: 5_000 };
  return world.startGate(extAuthz, instances.length);
}

/** Checks that Envoy had answered by the instance on this port; health checks are not among them. */
async function answeredBy(envoy: Envoy, { grpcPort }: PeerproofProcess): Promise<number> {
  const line = (await envoy.admin('/clusters'))
    .split('\n')
    .find((text) => text.includes('peerproof.sidecar') && text.includes(`:${grpcPort}::rq_success::`));
  return Number(line?.split('::').at(-1));
}

envoyTest('SIGTERM under load: no request fails, and every answered check is in the log', async (t) => {
  const instances = await Promise.all([world.startOne(), world.startOne()]);
  const [leaving, staying] = instances as [PeerproofProcess, PeerproofProcess];
  const envoy = await startGate(instances);
  const target = { port: envoy.port('sidecar'), tls: world.tls };
  const clients = [openClient(target), openClient({ ...target, protocol: 'h2' })];
  try {
    const loaded = world.load(clients, LOAD_MS);
    await sleep(800);
    const before = await answeredBy(envoy, leaving);
    t.true(before > 0, 'it had work');
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
    t.is(left.length, await answeredBy(envoy, leaving));
    t.is(stayed.length, await answeredBy(envoy, staying));
    t.is(left.length + stayed.length, total);
    t.is(new Set([...left, ...stayed].map((line) => line.decision_id)).size, total);
    t.true([...left, ...stayed].every(({ effect }) => effect === 'allow'));
    t.regex((await leaving.lines()).at(-1) ?? '', /"event":"stopped"/);
    assertDiscreet(t, [...(await leaving.lines()), ...(await staying.lines())], world.tokens);
  } finally {
    for (const one of clients) one.close();
  }
});

envoyTest('a check that waits for an issuer at SIGTERM is answered', async (t) => {
  const one = await world.startOne();
  const envoy = await startGate([one]);
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
    assertDiscreet(t, await one.lines(), world.tokens);
  } finally {
    slow.close();
    world.issuer.behave(world.issuer.paths.jwks, { kind: 'ok' });
  }
});

envoyTest('SIGTERM twice, and SIGINT, end it once and well', async (t) => {
  const one = await world.startOne();
  one.signal('SIGTERM');
  await sleep(100);
  one.signal('SIGTERM');
  one.signal('SIGINT');
  t.deepEqual(await withDeadline('the end', 6_000, one.ended), { code: 0, signal: null });
  const stopped = (await one.lines()).filter((line) => line.includes('"event":"stopped"'));
  t.is(stopped.length, 1);
});
