import test from 'ava';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh } from '../support/mesh.ts';

/**
 * A plaintext listener in ALWAYS_FORWARD_ONLY mode: the proxy names no workload, and hands on a `By` that the client
 * wrote. A check of an ambient waypoint looks the same, and there it is the proxy's word.
 */

const docs = 'spiffe://cluster.local/ns/docs/sa/waypoint';
let mesh: Mesh;
let ambient: Mesh;

const start = (waypoints: string[]) =>
  startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} }, waypoints },
      rules: [],
      workloads: {
        docs: {
          destinations: [docs],
          rules: [{ name: 'all', match: { hosts: ['docs.test'] }, public: true }],
        },
        orders: { destinations: [IDS.orders], rules: [{ name: 'all', public: true }] },
      },
    }),
    listeners: (parts) => [
      {
        name: 'plain',
        xfcc: { mode: 'ALWAYS_FORWARD_ONLY' },
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer },
      },
    ],
  });

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await start([]);
  ambient = await start([docs]);
});

test.after.always(async () => {
  await mesh?.stop();
  await ambient?.stop();
});

const send = (to: Mesh, by: string) =>
  to.send('plain', {
    plain: true,
    headers: [
      ['host', 'docs.test'],
      ['x-forwarded-client-cert', `By=${by};URI=${IDS.client}`],
    ],
  });

envoyTest('over gRPC a client cannot say by By which workload it asks for', async (t) => {
  const before = mesh.app.seen;
  for (const by of [docs, IDS.orders]) {
    const answer = await send(mesh, by);
    t.is(answer.status, 403, by);
    t.is(mesh.decisionOf(answer).reason, 'no_rule');
  }
  t.is(mesh.app.seen, before);
});

envoyTest('a waypoint that is configured names itself, and nothing else is named', async (t) => {
  t.is((await send(ambient, docs)).status, 200);
  t.is((await send(ambient, IDS.orders)).status, 403);
});
