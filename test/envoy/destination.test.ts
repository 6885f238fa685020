import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { HttpListener } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, type MeshParts, type Send, startMesh } from '../support/mesh.ts';

/**
 * Sidecars of two workloads. Each takes every Host, so that only its own certificate says which workload is asked for
 * (attacks 20). The rules of one must never let anything into the other.
 */

const host = (name: string) => [['host', name]] as const;

/** The same applications by their hosts alone, and by their workloads. */
const byHost: ConfigInput['rules'] = [
  { name: 'docs', match: { hosts: ['docs.test'] }, public: true },
  { name: 'orders', match: { hosts: ['orders.*'] }, require: { scopes: ['orders'] } },
];
const byWorkload: Pick<ConfigInput, 'rules' | 'workloads'> = {
  rules: [],
  workloads: {
    docs: {
      destinations: ['spiffe://cluster.local/ns/docs/sa/*'],
      rules: [{ name: 'all', match: { hosts: ['docs.test'] }, public: true }],
    },
    orders: {
      destinations: [IDS.orders],
      rules: [
        { name: 'all', match: { hosts: ['orders.*'] }, require: { scopes: ['orders'] } },
        { name: 'metrics', match: { paths: ['/metrics'], ports: [1] }, public: true },
      ],
    },
    billing: {
      destinations: [IDS.payments],
      rules: [{ name: 'all', match: { paths: ['/invoices/**'] }, require: { scopes: ['invoices'] } }],
    },
  },
};

type Way = 'grpc' | 'http' | 'http-sidecar';
const ways: readonly Way[] = ['grpc', 'http', 'http-sidecar'];
const meshes = {} as Record<'hosts' | 'workloads' | 'sidecar', Mesh>;

function listeners(parts: MeshParts & { httpPort: number; authorizer: { ports: number[] } }): HttpListener[] {
  const common = (who: 'orders' | 'payments') => ({
    mtls: parts.tls(who, { requireClientCertificate: false }),
    upstream: { port: parts.app.port },
  });
  const own = { name: 'peerproof', mtls: parts.tls('peerproof'), upstream: { port: parts.httpPort } };
  return [
    own,
    ...(['orders', 'payments'] as const).flatMap((who) => [
      { name: `grpc-${who}`, ...common(who), extAuthz: { grpc: parts.authorizer, istioPair: true } },
      { name: `http-${who}`, ...common(who), extAuthz: kymaAuthorizer({ ports: [parts.httpPort] }) },
      {
        name: `http-sidecar-${who}`,
        ...common(who),
        extAuthz: kymaAuthorizer({ ports: [], listener: 'peerproof', tls: parts.tls(who) }),
      },
      {
        name: `plain-${who}`,
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer, istioPair: true },
      },
    ]),
  ];
}

test.before(async () => {
  if (!hasEnvoy) return;
  const common = {
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { 'orders-client': [IDS.client] },
    hosts: { ignorePort: true },
  };
  const start = (rules: Pick<ConfigInput, 'rules' | 'workloads'>, xfcc: 'direct' | { sidecar: string }) =>
    startMesh({ config: () => ({ ...common, http: { xfcc }, ...rules }), listeners });
  meshes.hosts = await start({ rules: byHost }, 'direct');
  meshes.workloads = await start(byWorkload, 'direct');
  meshes.sidecar = await start(byWorkload, { sidecar: IDS.peerproof });
});

test.after.always(async () => {
  for (const mesh of Object.values(meshes)) await mesh.stop();
});

const meshOf = (way: Way) => (way === 'http-sidecar' ? meshes.sidecar : meshes.workloads);

async function reasonOf(mesh: Mesh, listener: string, send: Send): Promise<string> {
  const before = mesh.peerproof.decisions().length;
  const answer = await mesh.send(listener, send);
  const lines = mesh.peerproof.decisions().slice(before);
  if (lines.length !== 1) throw new Error(`${lines.length} decisions, ${answer.status} ${answer.body}`);
  return lines[0].reason;
}

envoyTest(
  'rules by host alone: a caller picks the rule of another workload (what destinations are for)',
  async (t) => {
    const mesh = meshes.hosts;
    t.is(await reasonOf(mesh, 'grpc-payments', { who: 'client', headers: host('docs.test') }), 'public');
    const token = mesh.mint({ scope: 'orders' });
    t.is(
      await reasonOf(mesh, 'grpc-payments', { who: 'client', headers: host('orders.x'), token }),
      'allowed',
    );
  },
);

for (const way of ways)
  envoyTest(
    `${way} – at billing the rules of docs and of orders do not count, whatever the Host`,
    async (t) => {
      const mesh = meshOf(way);
      const before = mesh.app.seen;
      const token = mesh.mint({ scope: 'orders' });
      for (const name of ['docs.test', 'docs.test:80', 'DOCS.test', 'orders.x', 'orders.x:8080']) {
        const open = await reasonOf(mesh, `${way}-payments`, { who: 'client', headers: host(name) });
        const held = await reasonOf(mesh, `${way}-payments`, { who: 'client', headers: host(name), token });
        t.deepEqual([open, held], ['no_rule', 'no_rule'], name);
      }
      const path = '/invoices/1';
      t.is(
        await reasonOf(mesh, `${way}-payments`, { who: 'client', path, headers: host('orders.x'), token }),
        'scope_missing',
      );
      t.is(mesh.app.seen, before);
    },
  );

for (const way of ways)
  envoyTest(`${way} – each workload is served by its own rules`, async (t) => {
    const mesh = meshOf(way);
    const orders = mesh.mint({ scope: 'orders' });
    const invoices = mesh.mint({ scope: 'invoices' });
    for (const name of ['orders.x', 'orders.applications:8080']) {
      const send = { who: 'client' as const, headers: host(name) };
      t.is(await reasonOf(mesh, `${way}-orders`, { ...send, token: orders }), 'allowed', name);
      t.is(await reasonOf(mesh, `${way}-orders`, send), 'token_missing', name);
    }
    const send = { who: 'client' as const, path: '/invoices/1', token: invoices };
    t.is(await reasonOf(mesh, `${way}-payments`, send), 'allowed');
    t.is(await reasonOf(mesh, `${way}-orders`, { ...send, headers: host('billing') }), 'no_rule');
  });

for (const way of ways)
  envoyTest(`${way} – a client cannot say which workload it asks for`, async (t) => {
    const docs = 'spiffe://cluster.local/ns/docs/sa/docs';
    for (const value of [`By=${docs};URI=${IDS.client}`, `By=${docs}`, `By=${docs},By=${docs}`])
      for (const who of ['client', undefined] as const) {
        const headers = [...host('docs.test'), ['x-forwarded-client-cert', value] as const];
        t.is(await reasonOf(meshOf(way), `${way}-payments`, { who, headers }), 'no_rule', `${who}: ${value}`);
      }
  });

envoyTest('without mTLS the proxy names no workload, and rules with destinations do not match', async (t) => {
  const mesh = meshes.workloads;
  const token = mesh.mint({ scope: 'orders' });
  for (const forged of [[], [['x-forwarded-client-cert', `By=${IDS.orders};URI=${IDS.client}`] as const]]) {
    const send = { plain: true, headers: [...host('orders.x'), ...forged], token };
    t.is(await reasonOf(mesh, 'plain-orders', send), 'no_rule');
    const [last] = mesh.peerproof.decisions().slice(-1);
    t.regex(last.detail, /^GET orders\.x \/ at a workload that the proxy does not name; nearest: /);
    t.regex(last.detail, /destination is not named by the proxy \(wanted: spiffe:/);
  }
});

envoyTest(
  'TLS without a client certificate: the proxy still names itself over gRPC, not over HTTP',
  async (t) => {
    const send = { headers: host('orders.x') };
    t.is(await reasonOf(meshes.workloads, 'grpc-orders', send), 'token_missing');
    t.is(await reasonOf(meshes.workloads, 'http-orders', send), 'no_rule');
  },
);

envoyTest('a rule with ports: by the port of the connection over gRPC, never over HTTP', async (t) => {
  const mesh = meshes.workloads;
  const send = { who: 'client' as const, path: '/metrics', headers: host('x') };
  t.is(await reasonOf(mesh, 'grpc-orders', send), 'no_rule');
  t.is(await reasonOf(mesh, 'http-orders', send), 'no_rule');
});
