import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openClient } from '../support/client.ts';
import type { Envoy } from '../support/envoy.ts';
import { authorizerCluster } from '../support/envoy-ext-authz.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import type { PeerproofProcess } from '../support/peerproof-process.ts';
import { doorOf, HTTP_DOOR } from '../support/transports.ts';
import { waitFor, withDeadline } from '../support/wait.ts';
import { type DrainWorld, startDrainWorld } from './drain-world.ts';

/**
 * SIGTERM, through each transport: a check that was begun is answered, and later ones go to another instance in time.
 * Over gRPC Envoy asks each instance for its health; over HTTP it reads readiness, as Kubernetes would.
 */

const transports = ['grpc-certificate', 'http1', 'http2'] as const;
type Transport = (typeof transports)[number];

let world: DrainWorld;

test.before(async () => {
  if (hasEnvoy) world = await startDrainWorld({ http: HTTP_DOOR });
});

test.after.always(() => world?.stop());

function startGate(instances: PeerproofProcess[], transport: Transport): Promise<Envoy> {
  const timeoutMs = 20_000;
  if (transport === 'grpc-certificate') {
    const grpc = { ports: instances.map(({ grpcPort }) => grpcPort), healthCheck: true };
    const extAuthz = { grpc, istioPair: true, includePeerCertificate: true, timeoutMs };
    return world.startGate(extAuthz, instances.length);
  }
  const http = {
    ports: instances.map(({ httpPort }) => httpPort),
    healthPorts: instances.map(({ adminPort }) => adminPort),
    pathPrefix: HTTP_DOOR.pathPrefix,
    protocol: transport,
  };
  return world.startGate(kymaAuthorizer(http, { timeoutMs }), instances.length);
}

/** Checks that Envoy had answered by this instance; health checks are not among them. */
async function answeredBy(envoy: Envoy, one: PeerproofProcess, transport: Transport): Promise<number> {
  const port = doorOf(transport) === 'grpc' ? one.grpcPort : one.httpPort;
  const line = (await envoy.admin('/clusters'))
    .split('\n')
    .find((text) => text.includes('peerproof.sidecar') && text.includes(`:${port}::rq_success::`));
  return Number(line?.split('::').at(-1));
}

for (const transport of transports) {
  envoyTest(
    `${transport}: SIGTERM under load: no request fails, and every answered check is in the log`,
    async (t) => {
      const instances = await Promise.all([world.startOne(), world.startOne()]);
      const [leaving, staying] = instances as [PeerproofProcess, PeerproofProcess];
      const envoy = await startGate(instances, transport);
      const target = { port: envoy.port('sidecar'), tls: world.tls };
      const clients = [openClient(target), openClient({ ...target, protocol: 'h2' })];
      let over = false;
      try {
        const loaded = world.load(clients, () => over);
        await waitFor('its work', 4_000, async () => (await answeredBy(envoy, leaving, transport)) > 20);
        leaving.signal('SIGTERM');
        t.deepEqual(await withDeadline('the end', 8_000, leaving.ended), { code: 0, signal: null });
        // Requests also come after its end.
        await sleep(500);
        over = true;
        const outcomes = await loaded;
        t.deepEqual([...outcomes.keys()], ['good'], JSON.stringify([...outcomes].slice(0, 5)));
        const total = outcomes.get('good') ?? 0;
        t.is(leaving.stderr(), '');

        // The other one writes with a delay of half a second at the most.
        await waitFor(
          'all lines',
          3_000,
          async () => (await leaving.decisions()).length + (await staying.decisions()).length >= total,
        );
        const [left, stayed] = [await leaving.decisions(), await staying.decisions()];
        t.is(left.length, await answeredBy(envoy, leaving, transport));
        t.is(stayed.length, await answeredBy(envoy, staying, transport));
        t.is(left.length + stayed.length, total);
        const lines = [...left, ...stayed];
        t.is(new Set(lines.map((line) => line.decision_id)).size, total);
        t.true(lines.every(({ effect, door }) => effect === 'allow' && door === doorOf(transport)));
        t.regex((await leaving.lines()).at(-1) ?? '', /"event":"stopped"/);
        assertDiscreet(t, [...(await leaving.lines()), ...(await staying.lines())], world.tokens);
      } finally {
        over = true;
        for (const one of clients) one.close();
        await Promise.all([envoy.stop(), leaving.stop(), staying.stop()]);
      }
    },
  );

  envoyTest(`${transport}: a check that waits for an issuer at SIGTERM is answered`, async (t) => {
    const one = await world.startOne();
    const envoy = await startGate([one], transport);
    const next = createSigner('ES256');
    world.issuer.setKeys([world.signer, next]);
    world.issuer.behave(world.issuer.paths.jwks, { kind: 'late', ms: 3_800 });
    const slow = openClient({ port: envoy.port('sidecar'), tls: world.tls });
    try {
      const token = world.mint({}, next);
      const before = world.issuer.count(world.issuer.paths.jwks);
      const answer = slow.request({ headers: [['authorization', `Bearer ${token}`]] });
      await waitFor('the question', 3_000, () => world.issuer.count(world.issuer.paths.jwks) > before);
      one.signal('SIGTERM');
      await waitFor('the drain', 1_500, async () => (await one.page('/readyz')).status === 503);
      // It comes after the delay, when nothing new is taken any more.
      t.is((await answer).status, 200);
      t.deepEqual(await withDeadline('the end', 6_000, one.ended), { code: 0, signal: null });
      const decisions = await one.decisions();
      t.is(decisions.length, 1);
      t.true(decisions[0].duration_us > 2_500_000);
      assertDiscreet(t, await one.lines(), world.tokens);
    } finally {
      slow.close();
      world.issuer.behave(world.issuer.paths.jwks, { kind: 'ok' });
    }
  });
}

envoyTest('a connection that Envoy keeps is not closed by us between two checks', async (t) => {
  const one = await world.startOne();
  const keep = async (transport: Transport) => {
    const envoy = await startGate([one], transport);
    const target = openClient({ port: envoy.port('sidecar'), tls: world.tls });
    try {
      for (const pause of [0, 7_000, 0]) {
        await sleep(pause);
        const headers = [['authorization', `Bearer ${world.mint()}`]] as const;
        t.is((await target.request({ headers })).status, 200, transport);
      }
      const stat = `cluster.${authorizerCluster('sidecar')}.upstream_cx_destroy_remote`;
      t.is(await envoy.stat(stat), 0, transport);
    } finally {
      target.close();
    }
  };
  await Promise.all(transports.map(keep));
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
