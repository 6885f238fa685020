import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type App, startApp } from '../support/app.ts';
import { createCa, type Issued } from '../support/ca.ts';
import { type Client, openClient } from '../support/client.ts';
import { type Envoy, startEnvoy } from '../support/envoy.ts';
import { authorizerCluster } from '../support/envoy-ext-authz.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy, QUERY_SECRET } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS } from '../support/mesh.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { withDeadline } from '../support/wait.ts';

/** SIGTERM through HTTP ext_authz: readiness turns Envoy away, and the connections that it keeps end between two checks. */

const IN_FLIGHT = 16;
const LOAD_MS = 4_000;

const signer = createSigner('ES256');
const tokens: string[] = [];
const cleanups: (() => unknown)[] = [];

let app: App;
let issuer: JwksServer;
let client: Issued;
let orders: Issued;
let caPem: string;

test.before(async () => {
  if (!hasEnvoy) return;
  const ca = await createCa();
  caPem = ca.certPem;
  client = await ca.svid(IDS.client);
  orders = await ca.svid(IDS.orders);
  app = await startApp();
  cleanups.push(app.stop);
  issuer = await startJwksServer({ signers: [signer] });
  cleanups.push(issuer.stop);
});

test.after.always(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startOne(): Promise<PeerproofProcess> {
  const one = await startPeerproofProcess({
    http: { pathPrefix: '/check', xfcc: 'direct' },
    issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms' } },
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { 'orders-client': [IDS.client] },
    rules: [{ name: 'all' }],
    drain: { delay: '1500ms', timeout: '5s' },
  });
  cleanups.push(one.stop);
  return one;
}

async function startGate(instances: PeerproofProcess[], protocol: 'http1' | 'http2'): Promise<Envoy> {
  const http = {
    ports: instances.map(({ httpPort }) => httpPort),
    // In Kubernetes readiness takes an instance out; here Envoy itself looks.
    healthPorts: instances.map(({ adminPort }) => adminPort),
    pathPrefix: '/check',
    protocol,
  };
  const envoy = await startEnvoy({
    concurrency: 2,
    listeners: [
      {
        name: 'sidecar',
        mtls: { certPem: orders.certPem, keyPem: orders.keyPem, caPem },
        upstream: { port: app.port },
        extAuthz: kymaAuthorizer(http, { timeoutMs: 5_000 }),
      },
    ],
  });
  cleanups.push(envoy.stop);
  await envoy.healthyAuthorizers('sidecar', instances.length);
  return envoy;
}

function mint(claims = {}, by = signer): string {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const standard = { iss: issuer.issuer, aud: 'orders', sub: 'alice', client_id: 'orders-client', exp };
  const token = by.sign({ ...standard, cnf: { 'x5t#S256': client.thumbprint }, ...claims });
  tokens.push(token);
  return token;
}

const tls = () => ({ caPem, certPem: client.certPem, keyPem: client.keyPem });

/** Keeps so many requests in flight until the time is over; returns each outcome with its count. */
async function load(clients: Client[], ms: number): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const known = Array.from({ length: 100 }, (_, n) => mint({ jti: `${n}` }));
  const end = Date.now() + ms;
  const worker = async (n: number) => {
    for (let turn = n; Date.now() < end; turn += IN_FLIGHT) {
      const token = turn % 4 === 0 ? mint({ jti: `new-${turn}` }) : known[turn % known.length];
      const headers = [['authorization', `Bearer ${token}`]] as const;
      // Envoy's own connections to us must also survive the checks of requests with a body.
      const body = turn % 3 === 0 ? { body: 'x'.repeat(10_000) } : {};
      const outcome = await (clients[n % clients.length] as Client)
        .request({ path: `/orders?q=${QUERY_SECRET}`, headers, ...body })
        .then(
          ({ status, body: text }) => (status === 200 ? 'good' : `${status} ${text}`),
          (error: Error) => error.message,
        );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => worker(n)));
  return outcomes;
}

for (const protocol of ['http1', 'http2'] as const)
  envoyTest(`${protocol}: SIGTERM under load: no request fails, every check is in the log`, async (t) => {
    const instances = await Promise.all([startOne(), startOne()]);
    const [leaving, staying] = instances as [PeerproofProcess, PeerproofProcess];
    const envoy = await startGate(instances, protocol);
    const target = { port: envoy.port('sidecar'), tls: tls() };
    const clients = [openClient(target), openClient({ ...target, protocol: 'h2' })];
    try {
      const loaded = load(clients, LOAD_MS);
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
      assertDiscreet(t, [...(await leaving.lines()), ...(await staying.lines())], tokens);
    } finally {
      for (const one of clients) one.close();
    }
  });

for (const protocol of ['http1', 'http2'] as const)
  envoyTest(`${protocol}: a check that waits for an issuer at SIGTERM is answered`, async (t) => {
    const one = await startOne();
    const envoy = await startGate([one], protocol);
    const next = createSigner('ES256');
    issuer.setKeys([signer, next]);
    issuer.behave(issuer.paths.jwks, { kind: 'late', ms: 2_500 });
    const slow = openClient({ port: envoy.port('sidecar'), tls: tls() });
    try {
      const token = mint({}, next);
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
      issuer.behave(issuer.paths.jwks, { kind: 'ok' });
    }
  });

envoyTest('a connection that Envoy keeps is not closed by us between two checks', async (t) => {
  const one = await startOne();
  for (const protocol of ['http1', 'http2'] as const) {
    const envoy = await startGate([one], protocol);
    const target = openClient({ port: envoy.port('sidecar'), tls: tls() });
    const stat = `cluster.${authorizerCluster('sidecar')}.upstream_cx_destroy_remote`;
    try {
      for (const pause of [0, 7_000, 0]) {
        await sleep(pause);
        const headers = [['authorization', `Bearer ${mint()}`]] as const;
        t.is((await target.request({ headers })).status, 200);
      }
      t.is(await envoy.stat(stat), 0);
    } finally {
      target.close();
    }
  }
});
