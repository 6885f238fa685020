import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, SHOW_DECISION, startMesh } from '../support/mesh.ts';

/** Rules chosen by Envoy's per-route `context_extensions`, which are the operator's and never the client's. */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'open', match: { context: { policy: 'open' } }, public: true },
        { name: 'orders', match: { context: { policy: 'orders' } }, require: { scopes: ['orders'] } },
        {
          name: 'both',
          match: { context: { policy: 'pair', level: 'high' }, methods: ['GET'] },
          require: { scopes: ['high'] },
        },
        { name: 'rest', match: { hosts: ['app.test'] }, require: { scopes: ['rest'] } },
      ],
    }),
    listeners: (parts) => [
      {
        name: 'sidecar',
        mtls: parts.tls('orders'),
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer, istioPair: true },
        routes: [
          { prefix: '/open', contextExtensions: { policy: 'open' }, requestHeadersToAdd: SHOW_DECISION },
          { prefix: '/orders', contextExtensions: { policy: 'orders' }, requestHeadersToAdd: SHOW_DECISION },
          {
            prefix: '/pair',
            contextExtensions: { policy: 'pair', level: 'high', more: 'x' },
            requestHeadersToAdd: SHOW_DECISION,
          },
          {
            prefix: '/low',
            contextExtensions: { policy: 'pair', level: 'low' },
            requestHeadersToAdd: SHOW_DECISION,
          },
          {
            prefix: '/other',
            contextExtensions: { policy: 'other', level: 'high' },
            requestHeadersToAdd: SHOW_DECISION,
          },
          { prefix: '/half', contextExtensions: { policy: 'pair' }, requestHeadersToAdd: SHOW_DECISION },
          { prefix: '/', requestHeadersToAdd: SHOW_DECISION },
        ],
      },
    ],
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

async function ruleFor(path: string, scope: string, headers: readonly (readonly [string, string])[] = []) {
  const answer = await mesh.send('sidecar', { who: 'client', path, token: mesh.mint({ scope }), headers });
  return [mesh.decisionOf(answer).rule, answer.status];
}

envoyTest('each route has its rule', async (t) => {
  t.deepEqual(await ruleFor('/orders', 'orders'), ['orders', 200]);
  t.deepEqual(await ruleFor('/orders', 'rest'), ['orders', 403]);
  t.deepEqual(await ruleFor('/pair', 'high'), ['both', 200]);
  for (const path of ['/half', '/low', '/other'])
    t.deepEqual(await ruleFor(path, 'high'), ['rest', 403], path);
  t.deepEqual(await ruleFor('/elsewhere', 'rest'), ['rest', 200]);
  const open = await mesh.send('sidecar', { who: 'client', path: '/open' });
  t.is(open.status, 200);
  t.is(mesh.decisionOf(open).rule, 'open');
});

envoyTest('a client cannot choose', async (t) => {
  const headers = ['policy', 'context', 'context_extensions', 'context-extensions', 'x-envoy-policy'].flatMap(
    (name) => [[name, 'open'] as const, [name, 'policy=open'] as const, [name, '{"policy":"open"}'] as const],
  );
  t.deepEqual(await ruleFor('/elsewhere', 'none', headers), ['rest', 403]);
  t.deepEqual(await ruleFor('/orders', 'none', headers), ['orders', 403]);
  t.deepEqual(await ruleFor('/elsewhere?policy=open', 'none', headers), ['rest', 403]);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
