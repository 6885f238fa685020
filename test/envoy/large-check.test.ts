import test from 'ava';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';

/** Checks that are larger than `grpc.maxMessageBytes`: a gRPC error would let them in where `failure_mode_allow` is true. */

const most = 1_048_576;
const listeners = ['closed', 'open'] as const;
let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({ grpc: { maxMessageBytes: most }, rules: [{ name: 'all', public: true }] }),
    listeners: (parts) =>
      listeners.map((name) => ({
        name,
        upstream: { port: parts.app.port },
        extAuthz: {
          grpc: parts.authorizer,
          failureModeAllow: name === 'open',
          withRequestBody: { maxRequestBytes: 4 * most },
        },
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

for (const listener of listeners)
  envoyTest(`a check that is too large is denied, at ${listener}`, async (t) => {
    const send = (bytes: number) =>
      mesh.send(listener, { plain: true, method: 'POST', body: 'x'.repeat(bytes) });
    t.is((await send(1_000)).status, 200);
    const before = mesh.app.seen;
    const refused = await Promise.all(Array.from({ length: 8 }, () => send(2 * most)));
    for (const answer of refused) {
      t.is(answer.status, 413);
      t.is(answer.json().error, 'invalid_request');
    }
    t.is(mesh.app.seen, before);
    // On the same connection to the authorizer.
    t.is((await send(most / 2)).status, 200);
    t.is(
      await mesh.envoy.stat('cluster.outbound|9001||peerproof.open.svc.cluster.local.upstream_cx_destroy'),
      0,
    );
  });

envoyTest('each of them is in the decision log, with its reason', (t) => {
  const reasons = mesh.peerproof.decisions().map(({ reason }) => reason);
  t.is(reasons.filter((reason) => reason === 'check_too_large').length, 16);
});
