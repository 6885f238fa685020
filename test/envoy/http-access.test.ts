import test from 'ava';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';
import { bound, cases } from './access-cases.ts';

/** Who is asked for what, through HTTP ext_authz as Kyma renders it: the cases of access.test.ts, by both protocols. */

const PREFIX = '/peerproof-check';
const listeners = { h1: 'http1', h2c: 'http2' } as const;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      realm: 'orders',
      http: { pathPrefix: PREFIX, xfcc: 'direct' },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'health', match: { paths: ['/healthz'] }, public: true },
        {
          name: 'read',
          match: { methods: ['GET', 'HEAD'], paths: ['/orders/**'] },
          require: { scopes: ['orders.read'] },
        },
        {
          name: 'write',
          match: { methods: ['POST'], paths: ['/orders/**'] },
          require: { scopes: ['orders.read', 'orders.write'] },
        },
        { name: 'bound', match: { paths: ['/bound'] }, require: { binding: ['certificate'] } },
        { name: 'peers', match: { paths: ['/peers'] }, require: { peers: [IDS.payments] } },
      ],
    }),
    listeners: (parts) =>
      Object.entries(listeners).map(([name, protocol]) => ({
        name,
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
        extAuthz: kymaAuthorizer({ ports: [parts.httpPort], pathPrefix: PREFIX, protocol }),
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

for (const listener of Object.keys(listeners))
  for (const protocol of ['h1', 'h2'] as const)
    for (const [title, expected] of Object.entries(cases))
      envoyTest(`${listener}, ${protocol}: ${title}`, async (t) => {
        const before = mesh.app.seen;
        const answer = await mesh.send(listener, { ...expected.send(mesh), protocol });
        t.is(answer.status, expected.status, answer.body);
        const line = mesh.decisionOf(answer);
        t.is(line.reason, expected.reason, line.detail);
        t.is(line.effect, expected.status === 200 ? 'allow' : 'deny');
        t.is(line.door, 'http');
        if (expected.status === 200) {
          t.is(mesh.app.seen, before + 1);
          t.is(line.bound_by, expected.boundBy);
          t.is(answer.json().httpVersion, protocol === 'h1' ? '1.1' : '2.0');
          // What is for Envoy alone stays there.
          t.deepEqual(received(answer, 'x-envoy-auth-headers-to-remove'), []);
          t.deepEqual(received(answer, 'cache-control'), []);
          t.is(answer.header('x-auth-request-user'), undefined);
          return;
        }
        t.is(mesh.app.seen, before, 'the application was reached');
        t.is(answer.header('content-type'), 'application/json');
        t.is(answer.header('cache-control'), 'no-store');
        t.is(answer.json().error, expected.error ?? 'invalid_token');
        t.deepEqual(Object.keys(answer.json()), ['error', 'error_description', 'decision_id']);
        if (expected.challenge) t.regex(answer.header('www-authenticate') ?? '', expected.challenge);
        else t.is(answer.header('www-authenticate'), undefined);
      });

for (const listener of Object.keys(listeners)) {
  envoyTest(`${listener}: every identity header reaches the application`, async (t) => {
    const claims = { scope: 'orders.read x', email: 'a@example.com', groups: ['ops', 'dev,x'] };
    const token = bound(mesh, { ...claims, preferred_username: 'zoë' });
    const answer = await mesh.send(listener, { who: 'client', path: '/orders/1', token });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-auth-request-user'), ['alice']);
    t.deepEqual(received(answer, 'x-auth-request-email'), ['a@example.com']);
    t.deepEqual(received(answer, 'x-auth-request-preferred-username'), ['zo%C3%AB']);
    t.deepEqual(received(answer, 'x-auth-request-groups'), ['ops,dev%2Cx']);
    t.deepEqual(received(answer, 'x-auth-request-scope'), ['orders.read x']);
    t.deepEqual(received(answer, 'x-auth-request-client-id'), ['orders-client']);
    t.deepEqual(received(answer, 'x-auth-request-issuer'), [mesh.issuer.issuer]);
    t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
    t.deepEqual(received(answer, 'authorization'), [`Bearer ${token}`]);
    const { sha256Hex } = mesh.who.client;
    const element = `By=${IDS.orders};Hash=${sha256Hex};Subject="O=SPIRE,C=US";URI=${IDS.client}`;
    t.deepEqual(received(answer, 'x-forwarded-client-cert'), [element]);
    t.like(mesh.decisionOf(answer), {
      rule: 'read',
      spiffe_id: IDS.client,
      peer_from: 'xfcc',
      bound_by: 'certificate',
      path: '/orders/1',
      host: 'app.test',
    });
  });

  envoyTest(`${listener}: methods, queries and bodies pass as they are`, async (t) => {
    const token = bound(mesh, { scope: 'orders.read orders.write' });
    const body = 'x'.repeat(100_000);
    const post = await mesh.send(listener, {
      who: 'client',
      method: 'POST',
      path: '/orders/1?a=b%20c',
      token,
      body,
    });
    t.is(post.status, 200, post.body);
    t.like(post.json(), { method: 'POST', body });
    t.true(post.json().path.startsWith('/orders/1?a=b%20c&q='));
    const head = await mesh.send(listener, { who: 'client', method: 'HEAD', path: '/orders/1', token });
    t.is(head.status, 200);
    for (const method of ['HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE']) {
      const denied = await mesh.send(listener, { who: 'client', method, path: '/orders/1' });
      t.true([401, 403].includes(denied.status), `${method}: ${denied.status}`);
    }
    // The connection to us was not left in the middle of something.
    t.is((await mesh.send(listener, { who: 'client', path: '/orders/1', token })).status, 200);
  });

  envoyTest(`${listener}: two Authorization headers are refused, never chosen from`, async (t) => {
    const token = `Bearer ${bound(mesh)}`;
    const pairs = [
      [token, token],
      [token, 'Bearer x'],
      ['Basic YTpi', token],
      [token, 'Basic YTpi'],
    ];
    for (const protocol of ['h1', 'h2'] as const)
      for (const pair of pairs) {
        const headers = pair.map((value): [string, string] => ['Authorization', value]);
        const answer = await mesh.send(listener, { who: 'client', path: '/orders/1', protocol, headers });
        t.is(answer.status, 400, answer.body);
        t.is(mesh.decisionOf(answer).reason, 'authorization_ambiguous');
      }
    // Envoy itself takes an empty one for none; then the application sees one too.
    for (const pair of [
      ['', token],
      [token, ''],
    ]) {
      const headers = pair.map((value): [string, string] => ['Authorization', value]);
      const answer = await mesh.send(listener, { who: 'client', path: '/orders/1', headers });
      if (answer.status === 200) t.deepEqual(received(answer, 'authorization'), [token]);
      else t.is(mesh.decisionOf(answer).reason, 'authorization_ambiguous');
    }
  });
}

envoyTest('metrics: decisions by effect, reason, rule and door; nothing left in flight', async (t) => {
  const { peerproof } = mesh;
  for (const { effect, reason, rule, door } of peerproof.decisions()) {
    const lines = peerproof.decisions().filter((line) => line.reason === reason && line.rule === rule);
    const labels = { effect, reason, rule: rule ?? '', door };
    t.is(await peerproof.metric('peerproof_decisions_total', labels), lines.length, `${reason} ${rule}`);
  }
  t.is(await peerproof.metric('peerproof_decisions_total', { door: 'grpc' }), 0);
  t.is(await peerproof.metric('peerproof_checks_in_flight'), 0);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
