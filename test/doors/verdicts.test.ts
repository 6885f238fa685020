import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { reasons } from '../../src/core/reasons.ts';
import { programTest } from '../support/debian-test.ts';
import type { Envoy } from '../support/envoy.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { findTraefik } from '../support/traefik.ts';
import { type DoorName, doors } from './doors.ts';
import { startEnvoys } from './envoys.ts';
import { expected } from './expected.ts';
import { forwardAuth, traefik } from './forward-auth.ts';
import { type ProxyAddress, send } from './judge.ts';
import { verdicts } from './verdicts.ts';
import { type DoorWorld, startDoorWorld } from './world.ts';

/** The same 50 requests through every door. The table of `verdicts.ts` says what must come of them. */

const envoyDoors = [
  ...(['grpc', 'http', 'istio-sidecar', 'istio-default', 'istio-waypoint'] as const),
  ...(['envoy-gateway', 'envoy-file'] as const),
];
const programTests = { nginx: await programTest('nginx'), caddy: await programTest('caddy') };

let world: DoorWorld;
let envoy: Envoy;

test.before(async () => {
  world = await startDoorWorld();
  if (hasEnvoy) envoy = await startEnvoys(world);
});

test.after.always(async () => {
  await envoy?.stop();
  await world?.stop();
});

/** The rows of the table that come to something else at this door, so that a failure shows them all. */
async function different(door: DoorName, proxy: ProxyAddress) {
  const rows: Record<string, unknown> = {};
  for (const verdict of verdicts) {
    const [got, wanted] = [await send(verdict, proxy, world), expected(door, verdict, proxy.protocol)];
    if (!isDeepStrictEqual(got, wanted)) rows[verdict.name] = { got, wanted };
  }
  return rows;
}

for (const door of envoyDoors)
  for (const protocol of ['h1', 'h2'] as const) {
    // After a 400 over HTTP/1.1 Envoy closes, and the tunnel that stands in for HBONE loses the answer.
    if (door === 'istio-waypoint' && protocol === 'h1') continue;
    envoyTest(`doors – ${door}, ${protocol}: the 50 verdicts`, async (t) => {
      t.deepEqual(await different(door, { port: envoy.port(door), protocol }), {});
      isReadFrom(t, door);
    });
  }

for (const door of ['nginx', 'caddy'] as const)
  programTests[door](`doors – ${door}: the 50 verdicts`, async (t) => {
    const proxy = await forwardAuth[door](world);
    t.teardown(proxy.stop);
    t.deepEqual(await different(door, { port: proxy.port('https') }), {});
    isReadFrom(t, door);
  });

test('doors – the table has 50 requests, and leads to every reason that it names once', (t) => {
  t.is(verdicts.length, 50);
  t.is(new Set(verdicts.map(({ name }) => name)).size, 50);
  t.true(new Set(verdicts.map(({ reason }) => reason)).size > 25);
  for (const { reason } of verdicts) t.true(reason in reasons);
});

const binary = findTraefik();
if (!binary) console.warn('SKIPPED: no Traefik in TRAEFIK_BIN or PATH');
(binary ? test.serial : test.serial.skip)('doors – traefik: the 50 verdicts', async (t) => {
  const proxy = await traefik(binary ?? '', world);
  t.teardown(proxy.stop);
  t.deepEqual(await different('traefik', { port: proxy.port, caPem: proxy.caPem }), {});
  isReadFrom(t, 'traefik');
});

// The last one, because nobody is asked afterwards.
envoyTest('doors – while Peerproof does not answer, no Envoy lets a request pass', async (t) => {
  await world.peerproof.drain();
  const outage = { name: 'outage', path: '/healthz', reason: 'public' } as const;
  for (const door of envoyDoors) {
    const got = await send(outage, { port: envoy.port(door), protocol: 'h2' }, world);
    t.deepEqual(got, { status: asIsSet[door] ?? 503, reason: undefined, sees: undefined }, door);
  }
});

/** Asserts that the peer was read from where the table of the doors says. */
function isReadFrom(t: ExecutionContext, door: DoorName) {
  const line = world.peerproof.decisions().findLast(({ reason }) => reason === 'allowed');
  t.is(line.peer_from, doors[door].peerFrom);
}

/** Doors without `status_on_error`. */
const asIsSet: Partial<Record<DoorName, number>> = { grpc: 403, http: 403 };
