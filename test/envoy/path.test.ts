import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy, QUERY_SECRET } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh } from '../support/mesh.ts';
import { EVERY_HEADER, HTTP_DOOR, sidecarListener } from '../support/transports.ts';

/** Paths that two readers could read differently, through an Envoy that normalises them and one that does not. */

const transports = ['grpc-hash', 'http1', 'http2'] as const;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: HTTP_DOOR,
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'public', match: { paths: ['/public/**'], methods: ['GET', 'OPTIONS'] }, public: true },
        { name: 'admin', match: { paths: ['/admin/**'] }, require: { scopes: ['admin'] } },
        { name: 'host', match: { hosts: ['*.public.test'] }, public: true },
      ],
    }),
    listeners: (parts) =>
      transports.flatMap((transport) =>
        [true, false].map((normalizePath) => ({
          ...sidecarListener(transport, parts, transport === 'grpc-hash' ? {} : EVERY_HEADER),
          name: `${normalizePath ? 'normal' : 'raw'}-${transport}`,
          mtls: parts.tls('orders'),
          normalizePath,
        })),
      ),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** What is answered, and by which rule or for which reason; `envoy` where Envoy itself refuses. */
type Expected = [status: 200 | 400 | 401 | 403 | 404, why: string];
const open: Expected = [200, 'public'];
const admin: Expected = [401, 'token_missing'];
const refused: Expected = [400, 'path_ambiguous'];
const envoy: Expected = [400, 'envoy'];
const none: Expected = [403, 'no_rule'];

const paths: Record<string, { normal: Expected; raw: Expected }> = {
  '/public/x': { normal: open, raw: open },
  '/public': { normal: open, raw: open },
  '/public/': { normal: open, raw: open },
  '/public/%78': { normal: open, raw: open },
  '/public/%C3%A9': { normal: open, raw: open },
  '/public/x?y=/../admin': { normal: open, raw: open },
  '/%70ublic/x': { normal: open, raw: open },
  '/%61dmin/x': { normal: admin, raw: admin },
  '/publicity': { normal: none, raw: none },
  '/Public/x': { normal: none, raw: none },
  '/public/../admin/x': { normal: admin, raw: refused },
  '/public/%2e%2e/admin/x': { normal: admin, raw: refused },
  '/public/.%2E/admin/x': { normal: admin, raw: refused },
  '/public/./x': { normal: open, raw: refused },
  '/./public': { normal: open, raw: refused },
  '/public/.': { normal: open, raw: refused },
  '/public/..': { normal: none, raw: refused },
  '/public\\..\\admin\\x': { normal: admin, raw: refused },
  '/public/..;/admin/x': { normal: admin, raw: refused },
  '/public/..%2fadmin/x': { normal: refused, raw: refused },
  '/public/..%5cadmin/x': { normal: refused, raw: refused },
  '/public/%252e%252e/admin/x': { normal: refused, raw: refused },
  '/public/a%252fb': { normal: refused, raw: refused },
  '//admin/x': { normal: refused, raw: refused },
  '//public/x': { normal: refused, raw: refused },
  '/public//': { normal: refused, raw: refused },
  '/public//x': { normal: refused, raw: refused },
  '/public%2fx': { normal: refused, raw: refused },
  '/public%2Fx': { normal: refused, raw: refused },
  '/public%5cx': { normal: refused, raw: refused },
  '/public;x': { normal: refused, raw: refused },
  '/public/;x': { normal: refused, raw: refused },
  '/public/x;p=1': { normal: refused, raw: refused },
  '/public/%3bx': { normal: refused, raw: refused },
  '/public/%': { normal: refused, raw: refused },
  '/public/%zz': { normal: refused, raw: refused },
  '/public/%c0%ae%c0%ae/x': { normal: refused, raw: refused },
  '/public/%00': { normal: envoy, raw: refused },
  '/public/%0a': { normal: refused, raw: refused },
  '/public/x#/admin': { normal: envoy, raw: envoy },
  'http://app.test/public/x': { normal: open, raw: open },
  'http://app.test/admin/x': { normal: admin, raw: admin },
  'http://x.public.test/admin/x': { normal: admin, raw: admin },
};

for (const reading of ['normal', 'raw'] as const)
  for (const transport of transports)
    for (const protocol of ['h1', 'h2'] as const)
      envoyTest(
        `${reading}, ${transport}, ${protocol}: every path is judged as the application reads it`,
        async (t) => {
          const listener = `${reading}-${transport}`;
          for (const [path, expected] of Object.entries(paths)) {
            // Only HTTP/1.1 has the absolute form.
            if (protocol === 'h2' && path.startsWith('http')) continue;
            const [status, why] = expected[reading];
            const before = mesh.app.seen;
            const answer = await mesh.send(listener, { who: 'client', protocol, path });
            t.is(answer.status, status, `${path}: ${answer.body}`);
            if (why === 'envoy') t.notThrows(() => t.throws(() => answer.json()), path);
            else t.is(mesh.decisionOf(answer).reason, why, path);
            t.is(mesh.app.seen - before, status === 200 ? 1 : 0, path);
            // The application reads what was judged: no dot segment or escaped slash is left in it.
            if (status === 200) t.regex(answer.json().path, /^\/(public|%70ublic)(\/(x|%78|%C3%A9)?)?\?/);
          }
        },
      );

for (const transport of transports)
  envoyTest(`${transport}: headers that some servers route by decide nothing`, async (t) => {
    const headers = [
      ['x-forwarded-path', '/public/x'],
      ['x-forwarded-uri', '/public/x'],
      ['x-forwarded-host', 'x.public.test'],
      ['x-forwarded-method', 'OPTIONS'],
      ['x-original-url', '/public/x'],
      ['x-original-uri', '/public/x'],
      ['x-rewrite-url', '/public/x'],
      ['x-http-method-override', 'GET'],
      ['x-envoy-original-path', '/public/x'],
      ['x-envoy-original-host', 'x.public.test'],
      ['forwarded', 'host=x.public.test'],
    ] as const;
    const guarded = await mesh.send(`normal-${transport}`, { who: 'client', path: '/admin/x', headers });
    t.is(guarded.status, 401);
    t.is(mesh.decisionOf(guarded).rule, 'admin');
    const post = await mesh.send(`normal-${transport}`, {
      who: 'client',
      method: 'POST',
      path: '/public/x',
      headers,
    });
    t.is(mesh.decisionOf(post).reason, 'no_rule');
  });

for (const transport of transports)
  envoyTest(
    `${transport}: hosts without case; another host, and one with a port or a final dot, has no rule`,
    async (t) => {
      for (const [host, status] of [
        ['a.public.test', 200],
        ['A.PUBLIC.Test', 200],
        ['a.public.test:8443', 403],
        ['a.public.test.', 403],
        ['a.b.public.test', 403],
        ['public.test', 403],
        ['a.public.test.evil', 403],
        ['xpublic.test', 403],
      ] as const) {
        const answer = await mesh.send(`normal-${transport}`, {
          who: 'client',
          path: '/any',
          headers: [['host', host]],
        });
        t.is(answer.status, status, host);
      }
    },
  );

envoyTest('the log has the path without its query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
  for (const { path } of mesh.peerproof.decisions()) t.false(/[?#]|query/.test(path), path);
  t.false(mesh.peerproof.lines.join().includes(QUERY_SECRET));
});
