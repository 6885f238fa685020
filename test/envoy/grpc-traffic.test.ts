import test from 'ava';
import { GRPC_ECHO_PATH } from '../support/app.ts';
import { grpcUnary } from '../support/client-grpc.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, routes, startMesh, type Who } from '../support/mesh.ts';

/** gRPC calls through Envoy: what a gRPC client sees of an answer, and a gRPC service of the caller. */

const OK = 0;
const PERMISSION_DENIED = 7;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: ({ issuer }) => ({
      issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms' } },
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

const bound = (claims = {}) =>
  mesh.mint({ scope: 'echo', cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none', ...claims });

function call(
  listener: string,
  who: Who | undefined,
  token: string | undefined,
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

for (const listener of ['certificate', 'hash'] as const) {
  envoyTest(`${listener}: an allowed call, with our metadata and none of the client's`, async (t) => {
    const answer = await call(listener, 'client', bound(), [
      ['x-auth-request-user', 'forged'],
      ['x_auth_request_user', 'forged'],
      ['x-spiffe-id', 'forged'],
      ['x-spiffe-id', 'forged-again'],
      ['x-client-certificate', 'forged'],
    ]);
    t.is(answer.code, OK, answer.details);
    t.is(answer.message?.toString(), 'hello');
    const received = JSON.parse(String(answer.headers['x-received']));
    t.false(JSON.stringify(received).includes('forged'), JSON.stringify(received));
    t.like(received, { 'x-auth-request-user': 'alice', 'x-spiffe-id': IDS.client });
    t.is(received['x-metadata-subject'], 'alice');
    t.like(mesh.peerproof.decision(received['x-decision-id']), {
      reason: 'allowed',
      method: 'POST',
      path: GRPC_ECHO_PATH,
      bound_by: 'certificate',
    });
  });

  const denials: [
    title: string,
    who: Who | undefined,
    token: () => string | undefined,
    code: number,
    error: string,
  ][] = [
    ['no token', 'client', () => undefined, UNAUTHENTICATED, 'unauthorized'],
    ['a stolen token', 'thief', bound, UNAUTHENTICATED, 'invalid_token'],
    ['an expired token', 'client', () => bound({ exp: 1 }), UNAUTHENTICATED, 'invalid_token'],
    ['no certificate', undefined, bound, UNAUTHENTICATED, 'invalid_token'],
    ['a missing scope', 'client', () => bound({ scope: 'other' }), PERMISSION_DENIED, 'insufficient_scope'],
    ['a foreign trust domain', 'foreign', bound, PERMISSION_DENIED, 'access_denied'],
  ];
  for (const [title, who, token, code, error] of denials)
    envoyTest(`${listener}: denied for ${title}: the code and our body as message`, async (t) => {
      const before = mesh.grpcEcho.seen;
      const answer = await call(listener, who, token());
      t.is(answer.code, code, answer.details);
      const body = JSON.parse(answer.details);
      t.is(body.error, error);
      t.is(mesh.peerproof.decision(body.decision_id).effect, 'deny');
      t.is(mesh.grpcEcho.seen, before);
    });
}

envoyTest('what has no rule, and what is malformed', async (t) => {
  const foreign = await call('hash', 'client', bound(), [], '/peerproof.test.Other/Echo');
  t.is(foreign.code, PERMISSION_DENIED);
  t.is(mesh.peerproof.decision(JSON.parse(foreign.details).decision_id).reason, 'no_rule');
  const twice = await call('hash', 'client', `${bound()},Bearer ${bound()}`);
  // Envoy's mapping of 400.
  t.is(twice.code, INTERNAL, twice.details);
  t.is(JSON.parse(twice.details).error, 'invalid_request');
});

envoyTest('an outage is UNAVAILABLE, which clients may retry', async (t) => {
  const { issuer } = mesh;
  await issuer.down();
  try {
    const answer = await call('hash', 'client', mesh.mint({ scope: 'echo' }, { kid: 'nobody-knows' }));
    t.is(answer.code, UNAVAILABLE, answer.details);
    t.is(JSON.parse(answer.details).error, 'temporarily_unavailable');
  } finally {
    await issuer.up();
  }
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
