import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createCa } from '../support/ca.ts';
import { startCaddy } from '../support/caddy.ts';
import { request } from '../support/client.ts';
import { hasProgram } from '../support/debian-test.ts';
import { hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';
import { startNginx } from '../support/nginx.ts';
import { challengeOf, createOauthClient, type OauthClient, type Send } from '../support/oauth-client.ts';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { HTTP_DOOR, sidecarListener, type Transport } from '../support/transports.ts';
import { published, withAddresses } from './orders.ts';

/**
 * A real authorization server issues the tokens, and a real client library sends them through each proxy, as it is
 * published. The library knows nothing of this test: it makes proofs, reads challenges and keeps nonces by itself.
 */

const folder = mkdtempSync(join(tmpdir(), 'peerproof-dpop-'));
const [hasNginx, hasCaddy] = [await hasProgram('nginx'), await hasProgram('caddy')];
const cleanups: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
const ORIGIN = 'https://orders.example.com';
const [JWT, OPAQUE] = [`${ORIGIN}/jwt`, `${ORIGIN}/opaque`];

let provider: OidcProvider;
let mesh: Mesh;
let client: OauthClient;
let thief: OauthClient;
const sends: Record<string, Send> = {};

test.before(async () => {
  const ca = await createCa();
  provider = await startOidcProvider({
    ca,
    clients: [{ clientId: 'shop' }, { clientId: 'thief' }, { clientId: 'peerproof' }],
    resources: {
      [JWT]: { audience: 'orders', scope: 'read', alg: 'ES256' },
      [OPAQUE]: { audience: 'orders', scope: 'read', format: 'opaque' },
    },
  });
  cleanups.unshift(provider.stop);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const common = { issuer: provider.issuer, audiences: ['orders'], ca: file('ca.pem', ca.certPem) };
  const auth = { proxies: ['127.0.0.1'] };
  mesh = await startMesh({
    config: () => ({
      issuers: {
        jwt: { ...common, accept: 'at+jwt' },
        opaque: {
          ...{ audiences: ['orders'], ca: common.ca },
          introspection: {
            endpoint: provider.introspectionEndpoint,
            clientId: 'peerproof',
            clientSecretFile: file('secret', provider.clientSecret('peerproof')),
          },
        },
      },
      http: {
        ...HTTP_DOOR,
        forwardAuth: [
          { ...auth, path: '/nginx/auth', original: 'x-original' },
          { ...auth, path: '/caddy/auth', original: 'x-forwarded' },
        ],
      },
      dpop: { nonce: { lifetime: '1m' } },
      rules: [
        {
          name: 'opaque',
          match: { paths: ['/opaque/**'] },
          require: { issuers: ['opaque'], binding: ['dpop'] },
        },
        { name: 'jwt', require: { issuers: ['jwt'], scopes: ['read'], binding: ['dpop'] } },
      ],
    }),
    ...(hasEnvoy && {
      listeners: (parts) => [sidecarListener('grpc-certificate', parts), sidecarListener('http1', parts)],
    }),
  });
  cleanups.unshift(mesh.stop);
  const throughEnvoy =
    (listener: Transport): Send =>
    (parts) =>
      request(mesh.target(listener, {}), parts);
  if (hasEnvoy) Object.assign(sends, { grpc: throughEnvoy('grpc-certificate'), http: throughEnvoy('http1') });
  if (hasNginx) sends.nginx = await startPublishedNginx();
  if (hasCaddy) sends.caddy = await startPublishedCaddy();
  client = await createOauthClient(provider, 'shop');
  thief = await createOauthClient(provider, 'thief');
});

test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup();
});

async function startPublishedNginx(): Promise<Send> {
  const server = await mesh.ca.server();
  const nginx = await startNginx({
    listeners: ['https'],
    files: { 'orders.pem': server.certPem, 'orders.key': server.keyPem, 'clients-ca.pem': mesh.ca.certPem },
    config: (port) =>
      withAddresses(published('nginx.conf'), {
        'server 127.0.0.1:9002;': `server 127.0.0.1:${mesh.peerproof.httpPort};`,
        'server 127.0.0.1:8080;': `server 127.0.0.1:${mesh.app.port};`,
        'listen 443 ssl;': `listen 127.0.0.1:${port('https')} ssl;`,
        '/etc/nginx/tls/': '',
        '/oauth2/auth;': '/nginx/auth;',
      }),
  });
  cleanups.unshift(nginx.stop);
  return (parts) => request({ port: nginx.port('https'), tls: { caPem: mesh.ca.certPem } }, parts);
}

async function startPublishedCaddy(): Promise<Send> {
  const caddy = await startCaddy({
    listeners: ['http'],
    config: (port) =>
      withAddresses(published('Caddyfile'), {
        'forward_auth 127.0.0.1:9002 {': `forward_auth 127.0.0.1:${mesh.peerproof.httpPort} {`,
        'reverse_proxy 127.0.0.1:8080': `reverse_proxy 127.0.0.1:${mesh.app.port}`,
        'orders.example.com {': `http://:${port('http')} {`,
        'uri /oauth2/auth?': 'uri /caddy/auth?',
      }),
  });
  cleanups.unshift(caddy.stop);
  return (parts) => request({ port: caddy.port('http') }, parts);
}

const proxies = {
  grpc: ['Envoy over gRPC', hasEnvoy],
  http: ['Envoy over HTTP', hasEnvoy],
  nginx: ['nginx', hasNginx],
  caddy: ['Caddy', hasCaddy],
} as const;

type Through = (t: ExecutionContext, send: Send) => Promise<void>;

function through(title: string, holds: Through): void {
  for (const [name, [proxy, isHere]] of Object.entries(proxies))
    (isHere ? test.serial : test.serial.skip)(`${proxy} – ${title}`, (t) => holds(t, sends[name] as Send));
}

const lastLine = () => mesh.peerproof.decisions().at(-1);

through(
  'oauth4webapi passes with a token of oidc-provider, and repeats a request for a nonce',
  async (t, send) => {
    const token = await client.token(JWT, 'read');
    // Another proxy may have given it the nonce before.
    const fresh = await createOauthClient(provider, 'shop');
    const own = await fresh.token(JWT, 'read');
    t.deepEqual(await fresh.persist(send, `${ORIGIN}/orders/1?a=b`, own), { status: 200, sent: 2 });
    t.deepEqual(await fresh.persist(send, `${ORIGIN}/orders/1`, own), { status: 200, sent: 1 });
    t.is(lastLine().bound_by, 'dpop');
    t.is(lastLine().client_id, 'shop');
    t.is((await client.persist(send, `${ORIGIN}/orders/1`, token)).status, 200);
  },
);

through('an opaque token passes with its own key alone (RFC 9449 §6.2)', async (t, send) => {
  const token = await client.token(OPAQUE);
  t.false(token.includes('.'));
  t.is((await client.persist(send, `${ORIGIN}/opaque/1`, token)).status, 200);
  t.is(lastLine().token_kind, 'opaque-token');
  const stolen = await t.throwsAsync(thief.persist(send, `${ORIGIN}/opaque/1`, token));
  t.deepEqual(challengeOf(stolen), { scheme: 'dpop', error: 'invalid_dpop_proof' });
  t.is(lastLine().reason, 'proof_key_mismatch');
});

through(
  'a token that was stolen, and one that is sent as Bearer, reach nobody (RFC 9449 §7.1)',
  async (t, send) => {
    const token = await client.token(JWT, 'read');
    const before = mesh.app.seen;
    const stolen = await t.throwsAsync(thief.persist(send, `${ORIGIN}/orders/1`, token));
    t.deepEqual(challengeOf(stolen), { scheme: 'dpop', error: 'invalid_dpop_proof' });
    const headers = [
      ['host', 'orders.example.com'],
      ['authorization', `Bearer ${token}`],
    ] as const;
    const downgraded = await send({ path: '/orders/1', headers });
    t.is(downgraded.status, 401);
    t.regex(downgraded.header('www-authenticate') ?? '', /^DPoP .*algs="ES256 .*", error="invalid_token"/);
    t.is(lastLine().reason, 'token_scheme_downgraded');
    t.is(mesh.app.seen, before);
  },
);

through('a request that was changed on the way reaches nobody (RFC 9449 §4.3)', async (t, send) => {
  const token = await client.token(JWT, 'read');
  await client.persist(send, `${ORIGIN}/orders/1`, token);
  const before = mesh.app.seen;
  for (const [change, reason] of [
    [{ path: '/orders/2' }, 'proof_target_mismatch'],
    [{ method: 'DELETE' }, 'proof_method_mismatch'],
  ] as const) {
    const changed = await t.throwsAsync(
      client.get((parts) => send({ ...parts, ...change }), `${ORIGIN}/orders/1`, token),
    );
    t.deepEqual(challengeOf(changed), { scheme: 'dpop', error: 'invalid_dpop_proof' });
    t.is(lastLine().reason, reason);
  }
  t.is(mesh.app.seen, before);
});

through('two proofs reach nobody, whether in two lines or in one (RFC 9449 §4.3 step 1)', async (t, send) => {
  const token = await client.token(JWT, 'read');
  const before = mesh.app.seen;
  for (const twice of [
    (proof: string) => [
      ['dpop', proof],
      ['dpop', proof],
    ],
    (proof: string) => [['dpop', `${proof}, ${proof}`]],
  ]) {
    await client
      .get(
        ({ headers = [], ...parts }) => {
          const proof = headers.find(([name]) => name === 'dpop')?.[1] ?? '';
          const others = headers.filter(([name]) => name !== 'dpop');
          return send({ ...parts, headers: [...others, ...(twice(proof) as [string, string][])] });
        },
        `${ORIGIN}/orders/1`,
        token,
      )
      .catch(() => undefined);
    t.is(lastLine().reason, 'proof_ambiguous');
  }
  t.is(mesh.app.seen, before);
});

through('the application gets the proof, so that it can verify it too', async (t, send) => {
  const token = await client.token(JWT, 'read');
  await client.persist(send, `${ORIGIN}/orders/1`, token);
  const response = await client.get(send, `${ORIGIN}/orders/1`, token);
  const { headers } = (await response.json()) as { headers: [string, string][] };
  t.is(headers.filter(([name]) => name === 'dpop').length, 1);
  t.true(headers.some(([name, value]) => name === 'authorization' && value === `DPoP ${token}`));
});
