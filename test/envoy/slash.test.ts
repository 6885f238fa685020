import test from 'ava';
import { type App, startApp } from '../support/app.ts';
import { request } from '../support/client.ts';
import { type Envoy, startEnvoy } from '../support/envoy.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';

/**
 * An Envoy whose exact route `/status` leads to one application, and every other path, `/status/` too, to another one. A
 * rule for `/status` covers both unless `paths.ignoreTrailingSlash` is cleared.
 */

const cleanups: (() => unknown)[] = [];
let status: App;
let rest: App;
let envoy: Envoy;
const peerproofs = {} as Record<'ignored' | 'counts', Peerproof>;

test.before(async () => {
  if (!hasEnvoy) return;
  status = await startApp();
  cleanups.push(status.stop);
  rest = await startApp();
  cleanups.push(rest.stop);
  for (const slash of ['ignored', 'counts'] as const) {
    peerproofs[slash] = await startPeerproof({
      paths: { ignoreTrailingSlash: slash === 'ignored' },
      rules: [{ name: 'status', match: { paths: ['/status'] }, public: true }],
    });
    cleanups.push(peerproofs[slash].drain);
  }
  envoy = await startEnvoy({
    listeners: (['ignored', 'counts'] as const).map((name) => ({
      name,
      extAuthz: { grpc: { ports: [peerproofs[name].grpcPort] } },
      upstream: { port: rest.port },
      routes: [{ prefix: '/', path: '/status', upstream: { port: status.port } }, { prefix: '/' }],
    })),
  });
  cleanups.push(envoy.stop);
});

test.after.always(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function ask(listener: string, path: string) {
  const before = [status.seen, rest.seen] as const;
  const { status: code } = await request({ port: envoy.port(listener) }, { path });
  return [code, status.seen - before[0], rest.seen - before[1]];
}

envoyTest('/status is public at its application', async (t) => {
  for (const listener of ['ignored', 'counts'])
    for (const path of ['/status', '/status?x'])
      t.deepEqual(await ask(listener, path), [200, 1, 0], `${listener} ${path}`);
});

envoyTest(
  '/status/ reaches the other application where the slash is ignored, and does not where it counts',
  async (t) => {
    t.deepEqual(await ask('ignored', '/status/'), [200, 0, 1]);
    t.deepEqual(await ask('counts', '/status/'), [403, 0, 0]);
    t.deepEqual(await ask('counts', '/status/?x=/status'), [403, 0, 0]);
  },
);
