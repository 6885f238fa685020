import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Injector, startInjector } from '../inject/inject-world.ts';
import { mint, projectedVolume, tokenFolder } from '../inject/token-files.ts';
import { type App, GRPC_ECHO_PATH, startApp, startGrpcEcho } from '../support/app.ts';
import { type RequestParts, request } from '../support/client.ts';
import { grpcUnary } from '../support/client-grpc.ts';
import { type Envoy, startEnvoy } from '../support/envoy.ts';
import { assertDiscreet, envoyTest, hasEnvoy, QUERY_SECRET } from '../support/envoy-test.ts';
import { received } from '../support/mesh.ts';
import { waitFor } from '../support/wait.ts';

/** `peerproof inject` on a workload's way out: the application that is called shows what it was sent. */

const folder = tokenFolder();
const cleanups: (() => unknown)[] = [folder.remove];
const minted: string[] = [];
let app: App;
let grpcEcho: App;
let envoy: Envoy;
let injector: Injector;
let volume: ReturnType<typeof projectedVolume>;
let orders: string;
const svid = newToken({ aud: ['payments'], sub: 'spiffe://cluster.local/ns/applications/sa/shop' });

function newToken(claims = {}): string {
  const token = mint(claims);
  minted.push(token);
  return token;
}

test.before(async () => {
  if (!hasEnvoy) return;
  app = await startApp();
  cleanups.push(app.stop);
  grpcEcho = await startGrpcEcho();
  cleanups.push(grpcEcho.stop);
  volume = projectedVolume(folder.path);
  orders = newToken({ jti: '1' });
  volume.write({ orders });
  writeFileSync(join(folder.path, 'svid'), svid);
  injector = await startInjector({
    // As Istio's outbound listeners do; this Envoy has one virtual host for all.
    hosts: { ignorePort: true, ignoreTrailingDot: true },
    tokens: [
      { hosts: ['orders.*'], audience: 'orders', file: join(folder.path, 'orders') },
      { hosts: ['payments.*'], audience: 'payments', file: join(folder.path, 'svid'), overwrite: true },
      { hosts: ['app.test'], audience: 'echo', file: join(folder.path, 'echo') },
      { hosts: ['missing.*'], audience: 'missing', file: join(folder.path, 'missing') },
    ],
  });
  cleanups.push(injector.drain);
  const outbound = {
    upstream: { port: app.port },
    routes: [
      {
        prefix: '/peerproof.test.',
        upstream: { port: grpcEcho.port, protocol: 'http2' as const },
      },
      {
        prefix: '/',
        requestHeadersToAdd: { 'x-rule': '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:rule)%' },
      },
    ],
  };
  const grpc = { ports: [injector.grpcPort], healthCheck: true };
  envoy = await startEnvoy({
    listeners: [
      { name: 'closed', ...outbound, extAuthz: { grpc } },
      { name: 'open', ...outbound, extAuthz: { grpc, failureModeAllow: true } },
      { name: 'raw', ...outbound, extAuthz: { grpc, encodeRawHeaders: true } },
    ],
  });
  cleanups.push(envoy.stop);
  for (const listener of ['closed', 'open', 'raw']) await envoy.healthyAuthorizers(listener, 1);
});

test.after.always(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Headers = NonNullable<RequestParts['headers']>;

function call(listener: string, host: string, headers: Headers = [], protocol: 'h1' | 'h2' = 'h1') {
  return request(
    { port: envoy.port(listener), protocol },
    { path: `/orders?q=${QUERY_SECRET}`, headers: [['host', host], ...headers] },
  );
}

for (const listener of ['closed', 'open', 'raw'])
  for (const protocol of ['h1', 'h2'] as const) {
    const sent = async (host: string, headers: Headers = []) => {
      const answer = await call(listener, host, headers, protocol);
      return answer.status === 200 ? received(answer, 'authorization') : answer.status;
    };

    envoyTest(`${listener}, ${protocol}: each host is sent its own token`, async (t) => {
      for (const host of ['orders.applications', 'ORDERS.Applications:8080', 'orders.applications.'])
        t.deepEqual(await sent(host), [`Bearer ${orders}`], host);
      t.deepEqual(await sent('payments.applications'), [`Bearer ${svid}`]);
      const answer = await call(listener, 'orders.applications', [], protocol);
      t.deepEqual(received(answer, 'x-rule'), ['orders']);
    });

    envoyTest(`${listener}, ${protocol}: other hosts are sent what the workload sent`, async (t) => {
      const before = app.seen;
      for (const host of ['elsewhere', 'orders', 'orders.applications.evil', 'xorders.applications'])
        t.deepEqual(await sent(host), [], host);
      t.deepEqual(await sent('elsewhere', [['authorization', 'Basic own']]), ['Basic own']);
      t.is(app.seen, before + 5);
    });

    envoyTest(`${listener}, ${protocol}: an Authorization stays, and is replaced where told`, async (t) => {
      for (const own of ['Bearer own', 'Basic own', '']) {
        t.deepEqual(await sent('orders.applications', [['authorization', own]]), [own]);
        t.deepEqual(await sent('payments.applications', [['authorization', own]]), [`Bearer ${svid}`]);
      }
      const two = [
        ['authorization', 'Bearer a'],
        ['authorization', 'Bearer b'],
      ] as const;
      t.deepEqual(await sent('payments.applications', two), [`Bearer ${svid}`]);
      t.is([await sent('orders.applications', two)].flat().join(','), 'Bearer a,Bearer b');
    });

    envoyTest(`${listener}, ${protocol}: without a token file: 503, and nothing is sent`, async (t) => {
      const before = app.seen;
      const answer = await call(listener, 'missing.applications', [], protocol);
      t.is(answer.status, 503);
      t.is(answer.header('retry-after'), '5');
      t.is(answer.header('content-type'), 'application/json');
      t.like(answer.json(), { error: 'token_unavailable' });
      t.is(app.seen, before);
      const line = injector.decisions().find((one) => one.decision_id === answer.json().decision_id);
      t.like(line, { effect: 'unavailable', reason: 'token_unavailable', rule: 'missing', method: 'GET' });
      t.regex(line.detail, /missing cannot be read \(ENOENT\): there is no such file or folder$/);
    });

    envoyTest(`${listener}, ${protocol}: a malformed host: refused, and nothing is sent`, async (t) => {
      const before = app.seen;
      for (const host of ['orders..applications', 'orders.applications,evil', 'orders.applications:80:80'])
        t.is(await sent(host), 400, host);
      t.is(app.seen, before);
    });
  }

envoyTest('a gRPC call: UNAVAILABLE without a file, and with one it carries the token', async (t) => {
  const call = () => grpcUnary({ port: envoy.port('open'), path: GRPC_ECHO_PATH, message: Buffer.from('x') });
  const before = grpcEcho.seen;
  t.is((await call()).code, 14);
  t.is(grpcEcho.seen, before);
  const token = newToken({ aud: 'echo' });
  writeFileSync(join(folder.path, 'echo'), token);
  const answer = await waitFor('the token', 2_500, async () => {
    const one = await call();
    return one.code === 0 && one;
  });
  t.is(JSON.parse(String(answer.headers['x-received'])).authorization, `Bearer ${token}`);
});

envoyTest('a token that is rotated as Kubernetes does it is sent within two seconds', async (t) => {
  const next = newToken({ jti: '2' });
  volume.write({ orders: next });
  const statuses = new Set<number>();
  await waitFor('the next token', 2_500, async () => {
    const answer = await call('open', 'orders.applications');
    statuses.add(answer.status);
    return received(answer, 'authorization')[0] === `Bearer ${next}`;
  });
  t.deepEqual([...statuses], [200]);
  orders = next;
});

envoyTest('a file that is half written: the token before it; one that is removed: 503', async (t) => {
  const file = join(folder.path, 'svid');
  const next = newToken({ aud: ['payments'], jti: 'next' });
  const sent = async () => received(await call('open', 'payments.applications'), 'authorization')[0];
  const told = (reason: RegExp) =>
    waitFor('the news', 2_500, () => injector.lines.some((line) => reason.test(line)));
  writeFileSync(file, '');
  await told(/is empty.*"previous_token_kept":true/);
  t.is(await sent(), `Bearer ${svid}`);
  writeFileSync(file, next.slice(0, -10));
  await told(/does not hold a complete JWT.*"previous_token_kept":true/);
  t.is(await sent(), `Bearer ${svid}`);
  writeFileSync(file, next);
  await waitFor('the next token', 2_500, async () => (await sent()) === `Bearer ${next}`);
  rmSync(file);
  await waitFor(
    'the refusal',
    2_500,
    async () => (await call('open', 'payments.applications')).status === 503,
  );
  t.is((await call('open', 'orders.applications')).status, 200);
});

envoyTest('no token, header or query is in the log', (t) => {
  assertDiscreet(t, injector.lines, minted);
  t.false(injector.lines.join().includes('Bearer'));
});
