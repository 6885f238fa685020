import test from 'ava';

import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, routes, startMesh } from '../support/mesh.ts';
import { bound, cases } from './access-cases.ts';

/** Who is asked for what, with both forms of the peer: `source.certificate`, and XFCC with `Hash` and `URI` alone. */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      realm: 'orders',
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'health', match: { paths: ['/healthz'] }, public: true },
        {
          name: 'read',
          match: { methods: ['GET'], paths: ['/orders/**'] },
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
    listeners: (parts) => {
      const common = {
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
        routes: routes(parts),
      };
      const extAuthz = { grpc: parts.authorizer, istioPair: true };
      return [
        { name: 'certificate', ...common, extAuthz: { ...extAuthz, includePeerCertificate: true } },
        { name: 'hash', ...common, extAuthz },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

for (const listener of ['certificate', 'hash'] as const)
  for (const protocol of ['h1', 'h2'] as const)
    for (const [title, expected] of Object.entries(cases))
      envoyTest(`${listener}, ${protocol}: ${title}`, async (t) => {
        const before = mesh.app.seen;
        const answer = await mesh.send(listener, { ...expected.send(mesh), protocol });
        t.is(answer.status, expected.status, answer.body);
        const line = mesh.decisionOf(answer);
        t.is(line.reason, expected.reason, line.detail);
        t.is(line.effect, expected.status === 200 ? 'allow' : 'deny');
        if (expected.status === 200) {
          t.is(mesh.app.seen, before + 1);
          t.is(line.bound_by, expected.boundBy);
          t.is(answer.json().httpVersion, protocol === 'h1' ? '1.1' : '2.0');
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

for (const listener of ['certificate', 'hash'] as const)
  envoyTest(`${listener}: the application learns who asked, and so does the metadata`, async (t) => {
    const token = bound(mesh, { scope: 'orders.read x', email: 'a@example.com', groups: ['ops', 'dev,x'] });
    const answer = await mesh.send(listener, { who: 'client', path: '/orders/1', token });
    t.is(answer.status, 200);
    const line = mesh.decisionOf(answer);
    t.deepEqual(received(answer, 'x-auth-request-user'), ['alice']);
    t.deepEqual(received(answer, 'x-auth-request-email'), ['a@example.com']);
    t.deepEqual(received(answer, 'x-auth-request-groups'), ['ops,dev%2Cx']);
    t.deepEqual(received(answer, 'x-auth-request-scope'), ['orders.read x']);
    t.deepEqual(received(answer, 'x-auth-request-client-id'), ['orders-client']);
    t.deepEqual(received(answer, 'x-auth-request-issuer'), [mesh.issuer.issuer]);
    t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
    t.deepEqual(received(answer, 'x-metadata-subject'), ['alice']);
    const { sha256Hex } = mesh.who.client;
    const element = `By=${IDS.orders};Hash=${sha256Hex};Subject="O=SPIRE,C=US";URI=${IDS.client}`;
    t.deepEqual(received(answer, 'x-forwarded-client-cert'), [element]);
    t.like(line, {
      rule: 'read',
      spiffe_id: IDS.client,
      peer_from: listener === 'certificate' ? 'attribute' : 'xfcc',
      path: '/orders/1',
      host: 'app.test',
      destination: IDS.orders,
    });
  });

envoyTest('metrics: decisions by effect, reason and rule; nothing left in flight', async (t) => {
  const { peerproof } = mesh;
  for (const { effect, reason, rule } of peerproof.decisions()) {
    const lines = peerproof.decisions().filter((line) => line.reason === reason && line.rule === rule);
    const labels = { effect, reason, rule: rule ?? '' };
    t.is(await peerproof.metric('peerproof_decisions_total', labels), lines.length, `${reason} ${rule}`);
  }
  t.is(await peerproof.metric('peerproof_checks_in_flight'), 0);
  t.is(await peerproof.metric('peerproof_check_duration_seconds_count'), peerproof.decisions().length);
  t.is(await peerproof.metric('peerproof_jwks_failures_total', { issuer: 'corp' }), 0);
  t.is(mesh.issuer.count(mesh.issuer.paths.jwks), 1);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
