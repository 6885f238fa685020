import test from 'ava';
import { ask } from '../http/door-cases.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh } from '../support/mesh.ts';

/** What is asked about is the path that the application gets, whatever else says otherwise; also beside forwardAuth. */

const PREFIX = '/check';
/** The right configuration, likely mistakes in it, and HTTP/2. */
const right = ['prefix', 'prefix-h2c'];
const wrong = ['without-prefix', 'other-prefix'];

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: {
        pathPrefix: PREFIX,
        xfcc: 'direct',
        // On the same port and from Envoy's address: a client that reaches this path describes the request itself.
        forwardAuth: [
          { path: '/oauth2/auth', proxies: ['127.0.0.1'], original: 'x-original' },
          { path: '/auth/forwarded', proxies: ['127.0.0.1'], original: 'x-forwarded' },
        ],
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [{ name: 'public', match: { paths: ['/public'] }, public: true }, { name: 'rest' }],
    }),
    listeners: (parts) => {
      const common = {
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
      };
      const ports = [parts.httpPort];
      // Every header of the client reaches us, so that any that is believed shows.
      const extra = { allowed_headers: { patterns: [{ safe_regex: { regex: '.*' } }] } };
      const http = { ports, pathPrefix: PREFIX };
      return [
        { name: 'prefix', ...common, extAuthz: kymaAuthorizer(http, { extra }) },
        {
          name: 'prefix-h2c',
          ...common,
          extAuthz: kymaAuthorizer({ ...http, protocol: 'http2' }, { extra }),
        },
        { name: 'plain', upstream: common.upstream, extAuthz: kymaAuthorizer(http, { extra }) },
        { name: 'without-prefix', ...common, extAuthz: kymaAuthorizer({ ports }, { extra }) },
        {
          name: 'other-prefix',
          ...common,
          extAuthz: kymaAuthorizer({ ports, pathPrefix: '/oauth2' }, { extra }),
        },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** Headers that describe the original request for some servers. */
const elsewhere: [string, string][] = [
  ['x-original-method', 'GET'],
  ['x-original-uri', '/public'],
  ['x-original-host', 'app.test'],
  ['x-original-url', 'http://app.test/public'],
  ['x-forwarded-method', 'GET'],
  ['x-forwarded-uri', '/public'],
  ['x-forwarded-host', 'app.test'],
  ['x-envoy-original-path', '/public'],
  ['x-http-method-override', 'GET'],
  ['forwarded', 'for=127.0.0.1;host=app.test'],
];
const paths = ['/', '/oauth2/auth', '/oauth2/auth?allowed_groups=x', '/auth/forwarded', '/auth', '/auth//x'];
for (const listener of [...right, ...wrong])
  envoyTest(
    `${listener}: headers of other proxies decide nothing, also at the paths of forwardAuth`,
    async (t) => {
      const before = mesh.app.seen;
      for (const protocol of ['h1', 'h2'] as const)
        for (const path of paths)
          for (const method of ['GET', 'POST', 'OPTIONS']) {
            const answer = await mesh.send(listener, {
              who: 'client',
              path,
              method,
              protocol,
              headers: elsewhere,
            });
            // 202 is the yes of forwardAuth, which Envoy hands to the client as a denial.
            t.true([400, 401, 403, 202].includes(answer.status), `${method} ${path}: ${answer.status}`);
            if (answer.status === 202) t.true(wrong.includes(listener));
          }
      t.is(mesh.app.seen, before, 'the application was reached');
    },
  );

envoyTest('the path that is asked about is the one that the application gets', async (t) => {
  for (const path of [
    '/check/public',
    '/public/x',
    '/publicx',
    '/PUBLIC',
    '/public;x',
    '//public',
    '/public//',
  ])
    for (const listener of right) {
      const answer = await mesh.send(listener, { path });
      t.true([400, 401].includes(answer.status), `${path}: ${answer.status}`);
    }
});

// A limit: a proxy that does not put the prefix there lets its client do it. Everything else is refused then, so it shows.
envoyTest(
  'limit: without the prefix of the proxy, what a client writes for it is taken for it',
  async (t) => {
    t.is((await mesh.send('without-prefix', { path: '/public' })).status, 400);
    const answer = await mesh.send('without-prefix', { path: '/check/public' });
    t.is(answer.status, 200);
    t.true(answer.json().path.startsWith('/check/public?'));
  },
);

envoyTest('the host that is asked about is the one that the application gets', async (t) => {
  for (const listener of right)
    for (const protocol of ['h1', 'h2'] as const) {
      const headers = [
        ['host', 'Orders.example.com:8443'],
        ['x-forwarded-host', 'evil.example'],
      ] as const;
      const answer = await mesh.send(listener, { path: '/public', protocol, headers });
      t.is(answer.status, 200);
      t.is(answer.json().authority, 'Orders.example.com:8443');
      t.is(mesh.decisionOf(answer).host, 'Orders.example.com:8443');
    }
});

envoyTest('forms of a request that only HTTP/1.1 has', async (t) => {
  const port = mesh.envoy.port('plain');
  const before = mesh.app.seen;
  const refused: [method: string, target: string][] = [
    ['CONNECT', 'app.test:443'],
    ['CONNECT', '/public'],
    ['OPTIONS', '*'],
    ['GET', '*'],
    ['GET', 'public'],
    ['GET', 'http://evil.example/orders'],
    ['GET', 'http://evil.example//public'],
    ['GET', 'http://evil.example/check/public'],
  ];
  for (const [method, target] of refused) {
    const { status } = await ask(port, { method, target, host: 'app.test' });
    t.true([400, 401, 403, 404, 426].includes(status), `${method} ${target}: ${status}`);
  }
  t.is(mesh.app.seen, before);
  // The host of the target counts (RFC 9112 §3.2.2), and the application gets the same one.
  const absolute = await ask(port, { target: 'http://evil.example/public', host: 'app.test' });
  t.is(absolute.status, 200);
  t.like(mesh.app.requests.at(-1), { path: '/public', authority: 'evil.example' });
  t.like(mesh.peerproof.decisions().at(-1), { path: '/public', host: 'evil.example' });
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
