import test from 'ava';
import { GRPC_ECHO_PATH } from '../support/app.ts';
import { grpcUnary } from '../support/client-grpc.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh, type Who } from '../support/mesh.ts';
import { doorOf, HTTP_DOOR, sidecarListener, TRANSPORTS } from '../support/transports.ts';

/** gRPC calls of the application, through each transport: what a gRPC client gets of an answer, and what its server gets. */

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
      http: HTTP_DOOR,
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
    listeners: (parts) => TRANSPORTS.map((transport) => sidecarListener(transport, parts)),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const bound = (claims = {}) =>
  mesh.mint({ scope: 'echo', cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none', ...claims });

const registered = () => mesh.mint({ scope: 'echo' });

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

for (const transport of TRANSPORTS) {
  envoyTest(`${transport}: an allowed call, with our metadata and none of the client's`, async (t) => {
    const answer = await call(transport, 'client', bound(), [
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
    const grpc = doorOf(transport) === 'grpc';
    t.is(received['x-metadata-subject'], grpc ? 'alice' : undefined);
    const line = grpc
      ? mesh.peerproof.decision(received['x-decision-id'])
      : mesh.peerproof.decisions().find(({ request_id }) => request_id === received['x-request-id']);
    t.like(line, {
      door: doorOf(transport),
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
    path?: string,
  ][] = [
    ['no token', 'client', () => undefined, UNAUTHENTICATED, 'unauthorized'],
    ['a stolen token', 'thief', bound, UNAUTHENTICATED, 'invalid_token'],
    ['a stolen token of a registered client', 'thief', registered, UNAUTHENTICATED, 'invalid_token'],
    ['an expired token', 'client', () => bound({ exp: 1 }), UNAUTHENTICATED, 'invalid_token'],
    ['no certificate', undefined, bound, UNAUTHENTICATED, 'invalid_token'],
    ['a missing scope', 'client', () => bound({ scope: 'other' }), PERMISSION_DENIED, 'insufficient_scope'],
    ['a foreign trust domain', 'foreign', bound, PERMISSION_DENIED, 'access_denied'],
    ['no rule', 'client', bound, PERMISSION_DENIED, 'access_denied', '/peerproof.test.Other/Echo'],
    // Envoy's mapping of 400.
    ['two tokens', 'client', () => `${bound()},Bearer ${bound()}`, INTERNAL, 'invalid_request'],
    ['an ambiguous path', 'client', bound, INTERNAL, 'invalid_request', '/peerproof.test.Echo//Echo'],
  ];
  for (const [title, who, token, code, error, path] of denials)
    envoyTest(`${transport}: denied for ${title}: the code and our body as message`, async (t) => {
      const before = mesh.grpcEcho.seen;
      const answer = await call(transport, who, token(), [], path);
      t.is(answer.code, code, answer.details);
      const body = JSON.parse(answer.details);
      t.is(body.error, error);
      const line = mesh.peerproof.decision(body.decision_id);
      t.like(line, { effect: 'deny', door: doorOf(transport) });
      if (title === 'no rule') t.is(line.reason, 'no_rule');
      t.is(mesh.grpcEcho.seen, before);
    });

  envoyTest(`${transport}: an outage is UNAVAILABLE, which clients may retry`, async (t) => {
    const { issuer } = mesh;
    await issuer.down();
    try {
      const token = mesh.mint({ scope: 'echo' }, { kid: `unknown-to-${transport}` });
      const answer = await call(transport, 'client', token);
      t.is(answer.code, UNAVAILABLE, answer.details);
      t.is(JSON.parse(answer.details).error, 'temporarily_unavailable');
    } finally {
      await issuer.up();
    }
  });
}

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
