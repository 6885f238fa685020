import test from 'ava';
import { GRPC_ECHO_PATH } from '../support/app.ts';
import { grpcUnary } from '../support/client-grpc.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh, type Who } from '../support/mesh.ts';

/** gRPC calls of the caller's own, asked about over HTTP: what a gRPC client sees of an answer (Istio's own cases). */

const OK = 0;
const PERMISSION_DENIED = 7;
const INTERNAL = 13;
const UNAUTHENTICATED = 16;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: { pathPrefix: '/check', xfcc: 'direct' },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        {
          name: 'echo',
          match: { methods: ['POST'], paths: ['/peerproof.test.Echo/*'] },
          require: { scopes: ['echo'] },
        },
      ],
    }),
    listeners: (parts) =>
      (['http1', 'http2'] as const).map((protocol) => ({
        name: protocol,
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.grpcEcho.port, protocol: 'http2' as const },
        extAuthz: kymaAuthorizer({ ports: [parts.httpPort], pathPrefix: '/check', protocol }),
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

function call(
  listener: string,
  who: Who | undefined,
  token?: string,
  metadata: [string, string][] = [],
  path = GRPC_ECHO_PATH,
) {
  return grpcUnary({
    port: mesh.envoy.port(listener),
    tls: mesh.clientTls(who),
    path,
    message: Buffer.from('hello'),
    metadata: [...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]), ...metadata],
  });
}

for (const listener of ['http1', 'http2']) {
  envoyTest(`${listener}: an allowed call, with our metadata and none of the client's`, async (t) => {
    const answer = await call(listener, 'client', mesh.mint({ scope: 'echo' }), [
      ['x-auth-request-user', 'forged'],
      ['x_auth_request_user', 'forged'],
      ['x-spiffe-id', 'forged'],
      ['x-client-certificate', 'forged'],
    ]);
    t.is(answer.code, OK, answer.details);
    t.is(answer.message?.toString(), 'hello');
    const received = String(answer.headers['x-received']);
    t.true(received.includes('"x-auth-request-user":"alice"'), received);
    t.true(received.includes(`"x-spiffe-id":"${IDS.client}"`), received);
    t.false(received.includes('forged'), received);
  });

  envoyTest(`${listener}: denied calls have the code of their status, and our body as message`, async (t) => {
    const before = mesh.grpcEcho.seen;
    const good = mesh.mint({ scope: 'echo' });
    const rows: [number, string, Parameters<typeof call>][] = [
      [UNAUTHENTICATED, 'unauthorized', [listener, 'client']],
      [UNAUTHENTICATED, 'invalid_token', [listener, 'client', mesh.mint({ scope: 'echo', exp: 1 })]],
      [UNAUTHENTICATED, 'invalid_token', [listener, 'thief', good]],
      [PERMISSION_DENIED, 'insufficient_scope', [listener, 'client', mesh.mint()]],
      [PERMISSION_DENIED, 'access_denied', [listener, 'foreign', good]],
      [PERMISSION_DENIED, 'access_denied', [listener, 'client', good, [], '/peerproof.test.Other/Echo']],
      [INTERNAL, 'invalid_request', [listener, 'client', good, [], '/peerproof.test.Echo//Echo']],
    ];
    for (const [code, error, asked] of rows) {
      const answer = await call(...asked);
      t.is(answer.code, code, answer.details);
      t.is(JSON.parse(answer.details).error, error);
    }
    t.is(mesh.grpcEcho.seen, before);
  });
}

envoyTest('the log holds no token, signature or certificate', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
  t.true(mesh.peerproof.decisions().every(({ door }) => door === 'http'));
});
