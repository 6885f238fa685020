import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';
import { doorOf, HTTP_DOOR, sidecarListener, TRANSPORTS } from '../support/transports.ts';
import { bound, cases } from './access-cases.ts';

/** Who asks for what, through each transport, and what the application and the client get of the decision. */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      realm: 'orders',
      http: HTTP_DOOR,
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
    listeners: (parts) => TRANSPORTS.map((transport) => sidecarListener(transport, parts)),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

for (const transport of TRANSPORTS)
  for (const protocol of ['h1', 'h2'] as const)
    for (const [title, expected] of Object.entries(cases))
      envoyTest(`${transport}, ${protocol}: ${title}`, async (t) => {
        const before = mesh.app.seen;
        const answer = await mesh.send(transport, { ...expected.send(mesh), protocol });
        t.is(answer.status, expected.status, answer.body);
        const line = mesh.decisionOf(answer);
        t.is(line.reason, expected.reason, line.detail);
        t.is(line.effect, expected.status === 200 ? 'allow' : 'deny');
        t.is(line.door, doorOf(transport));
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
        t.is(answer.header('x-decision-id'), answer.json().decision_id);
        if (expected.challenge) t.regex(answer.header('www-authenticate') ?? '', expected.challenge);
        else t.is(answer.header('www-authenticate'), undefined);
      });

for (const transport of TRANSPORTS) {
  envoyTest(
    `${transport}: the application gets every identity header, and the log has the same`,
    async (t) => {
      const claims = { scope: 'orders.read x', email: 'a@example.com', groups: ['ops', 'dev,x'] };
      const token = bound(mesh, { ...claims, preferred_username: 'zoë' });
      const headers = [['user-agent', 'till/2']] as const;
      const answer = await mesh.send(transport, { who: 'client', path: '/orders/1', token, headers });
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
        peer_from: transport === 'grpc-certificate' ? 'attribute' : 'xfcc',
        bound_by: 'certificate',
        path: '/orders/1',
        host: 'app.test',
        // Over HTTP the check does not say which workload is asked for, and has no more headers than it needs.
        destination: doorOf(transport) === 'grpc' ? IDS.orders : undefined,
        source_address: doorOf(transport) === 'grpc' ? '127.0.0.1' : undefined,
        user_agent: doorOf(transport) === 'grpc' ? 'till/2' : undefined,
      });
      // A route can show the metadata of the decision, which gRPC alone brings.
      t.deepEqual(received(answer, 'x-metadata-subject'), doorOf(transport) === 'grpc' ? ['alice'] : []);
    },
  );

  envoyTest(`${transport}: methods, queries and bodies pass as they are`, async (t) => {
    const token = bound(mesh, { scope: 'orders.read orders.write' });
    const body = 'x'.repeat(100_000);
    const send = { who: 'client', method: 'POST', path: '/orders/1?a=b%20c', token, body } as const;
    const post = await mesh.send(transport, send);
    t.is(post.status, 200, post.body);
    t.like(post.json(), { method: 'POST', body });
    t.true(post.json().path.startsWith('/orders/1?a=b%20c&q='));
    const head = await mesh.send(transport, { who: 'client', method: 'HEAD', path: '/orders/1', token });
    t.is(head.status, 200);
    for (const method of ['HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE']) {
      const denied = await mesh.send(transport, { who: 'client', method, path: '/orders/1' });
      t.true([401, 403].includes(denied.status), `${method}: ${denied.status}`);
    }
    // The connection to us was not left in the middle of something.
    t.is((await mesh.send(transport, { who: 'client', path: '/orders/1', token })).status, 200);
  });

  envoyTest(`${transport}: two Authorization headers are refused, never chosen from`, async (t) => {
    const token = `Bearer ${bound(mesh)}`;
    const send = (pair: readonly string[], protocol: 'h1' | 'h2' = 'h1') => {
      const headers = pair.map((value): [string, string] => ['Authorization', value]);
      return mesh.send(transport, { who: 'client', path: '/orders/1', protocol, headers });
    };
    for (const protocol of ['h1', 'h2'] as const)
      for (const pair of [
        [token, token],
        [token, 'Bearer x'],
        ['Basic YTpi', token],
        [token, 'Basic YTpi'],
      ]) {
        const answer = await send(pair, protocol);
        t.is(answer.status, 400, answer.body);
        t.is(answer.json().error, 'invalid_request');
        t.is(mesh.decisionOf(answer).reason, 'authorization_ambiguous');
      }
    // Over HTTP Envoy itself leaves an empty one out; then the application gets one too.
    for (const pair of [
      ['', token],
      [token, ''],
    ]) {
      const answer = await send(pair);
      if (answer.status === 200) t.deepEqual(received(answer, 'authorization'), [token]);
      else t.is(mesh.decisionOf(answer).reason, 'authorization_ambiguous');
    }
  });
}

envoyTest('metrics: decisions by effect, reason, rule and door; nothing left in flight', async (t) => {
  const { peerproof } = mesh;
  const decisions = peerproof.decisions();
  const labelsOf = ({ effect, reason, rule = '', door }: (typeof decisions)[number]) =>
    JSON.stringify({ effect, reason, rule, door });
  // The admin port answers a few times a second, so each sample is read once.
  for (const [labels, alike] of Map.groupBy(decisions, labelsOf))
    t.is(await peerproof.metric('peerproof_decisions_total', JSON.parse(labels)), alike.length, labels);
  t.is(await peerproof.metric('peerproof_checks_in_flight'), 0);
  t.is(await peerproof.metric('peerproof_check_duration_seconds_count'), decisions.length);
  t.is(await peerproof.metric('peerproof_issuer_requests_total', { issuer: 'corp', outcome: 'failed' }), 0);
  t.is(mesh.issuer.count(mesh.issuer.paths.jwks), 1);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
