import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { IN_CHECK } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, type Send, startMesh } from '../support/mesh.ts';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { freePort } from '../support/ports.ts';
import { doorOf, HTTP_DOOR, sidecarListener, TRANSPORTS } from '../support/transports.ts';

/** A token endpoint behind Envoy: SPIFFE client authentication, with the body over gRPC and over HTTP (as Kyma asks). */
const SERVER = 'https://as.example.com';
const spiffeType = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';
/** What Envoy has to send in a check over HTTP, beside the headers of every check. */
const OF_BODY = ['content-type', 'content-encoding', 'x-envoy-auth-partial-body'];
const withRequestBody = { maxRequestBytes: 16_384, allowPartialMessage: true };

let mesh: Mesh;
let oidc: OidcProvider;
const spire = createSigner('ES256');
const refusals: unknown[] = [];

const config = (): Omit<ConfigInput, 'issuers'> & Partial<ConfigInput> => ({
  issuers: {
    spire: {
      issuer: 'https://spire.example.com',
      jwks: { keys: [spire.publicJwk] },
      accept: 'jwt-svid',
      audiences: [SERVER],
    },
  },
  http: { pathPrefix: HTTP_DOOR.pathPrefix, xfcc: HTTP_DOOR.xfcc },
  peers: { trustDomains: { 'cluster.local': {} } },
  clients: { shop: [IDS.client], first: [IDS.payments], second: [IDS.payments] },
  rules: [
    {
      name: 'oidc',
      match: { hosts: ['oidc.example'], paths: ['/token'] },
      require: { credential: 'client-certificate' },
    },
    {
      name: 'assertion',
      match: { paths: ['/token'] },
      require: { credential: 'client-assertion', authorizationServer: SERVER },
    },
    { name: 'certificate', match: { paths: ['/mtls'] }, require: { credential: 'client-certificate' } },
  ],
});

test.before(async () => {
  if (!hasEnvoy) return;
  const oidcPort = await freePort();
  mesh = await startMesh({
    config,
    listeners: (parts) => [
      ...(['grpc-certificate', 'http1'] as const).map((transport) => {
        const http = doorOf(transport) === 'http';
        const allowed = http ? { allowedHeaders: [...IN_CHECK, ...OF_BODY] } : {};
        return {
          ...sidecarListener(transport, parts, { ...allowed, withRequestBody }),
          name: `${transport}-oidc`,
          routes: [{ prefix: '/' }],
          upstream: { port: oidcPort, tls: parts.tls('orders') },
        };
      }),
      ...TRANSPORTS.flatMap((transport) => {
        const http = doorOf(transport) === 'http';
        const allowed = http ? { allowedHeaders: [...IN_CHECK, ...OF_BODY] } : {};
        const plain = sidecarListener(transport, parts, { ...allowed, withRequestBody });
        const bytes = sidecarListener(transport, parts, {
          ...allowed,
          withRequestBody: { ...withRequestBody, packAsBytes: true },
        });
        const bodyless = sidecarListener(transport, parts, allowed);
        return [
          plain,
          { ...bytes, name: `${transport}-bytes` },
          { ...bodyless, name: `${transport}-bodyless` },
        ];
      }),
      { ...sidecarListener('http1', parts, { withRequestBody }), name: 'http1-unsaid' },
    ],
  });
  oidc = await startOidcProvider({
    ca: mesh.ca,
    port: oidcPort,
    spiffeIdHeader: 'x-spiffe-id',
    clients: ['shop', 'first'].map((clientId) => ({
      clientId,
      metadata: {
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_uri: clientId === 'shop' ? IDS.client : IDS.payments,
      },
    })),
    resources: { [SERVER]: { scope: 'products' } },
  });
});
test.after.always(async () => {
  await mesh?.stop();
  await oidc?.stop();
});

const seconds = () => Math.floor(Date.now() / 1_000);
const svid = (claims: object = {}) =>
  spire.sign({ sub: IDS.client, aud: SERVER, iat: seconds(), exp: seconds() + 300, ...claims });
const form = (parts: Record<string, string> = {}) =>
  new URLSearchParams({ grant_type: 'client_credentials', ...parts }).toString();
const asserted = (parts: Record<string, string> = {}) =>
  form({ client_assertion: svid(), client_assertion_type: spiffeType, ...parts });

async function post(listener: string, path: string, body: string, more: Send = {}) {
  const answer = await mesh.send(listener, {
    ...{ who: 'client', method: 'POST', path, body },
    ...more,
    headers: [['content-type', 'application/x-www-form-urlencoded'], ...(more.headers ?? [])],
  });
  const line = mesh.decisionOf(answer);
  if (answer.status !== 200) refusals.push(answer.body);
  return { answer, line };
}

for (const transport of TRANSPORTS) {
  for (const listener of [transport, `${transport}-bytes`])
    envoyTest(`${listener}: both ways to authenticate pass, and the application gets the form`, async (t) => {
      for (const [path, body] of [
        ['/token', asserted()],
        ['/token', asserted({ client_id: 'shop' })],
        ['/mtls', form()],
        ['/mtls', form({ client_id: 'shop' })],
      ] as const)
        for (const protocol of ['h1', 'h2'] as const) {
          const { answer, line } = await post(listener, path, body, { protocol });
          t.is(answer.status, 200, answer.body);
          t.is(answer.json().body, body);
          t.like(line, { reason: 'allowed', client_id: 'shop', bound_by: 'workload', spiffe_id: IDS.client });
          t.deepEqual(received(answer, 'x-auth-request-client-id'), ['shop']);
        }
    });

  envoyTest(`${transport}: each attack has its own reason, and the application sees none`, async (t) => {
    const before = mesh.app.seen;
    const big = `pad=${'x'.repeat(17_000)}`;
    const attacks: readonly (readonly [reason: string, path: string, body: string, more?: Send])[] = [
      ['binding_workload_mismatch', '/token', asserted(), { who: 'thief' }],
      ['binding_peer_missing', '/token', asserted(), { who: undefined }],
      ['token_audience_mismatch', '/token', asserted({ client_assertion: svid({ aud: [SERVER, 'x'] }) })],
      [
        'token_type_not_allowed',
        '/token',
        asserted({ client_assertion: svid({ sub: 'shop', iss: 'https://spire.example.com' }) }),
      ],
      ['assertion_type_unsupported', '/token', asserted({ client_assertion_type: 'x' })],
      ['client_not_registered', '/token', asserted({ client_id: 'first' })],
      ['body_unreadable', '/token', `${asserted()}&${big}`],
      ['assertion_ambiguous', '/token?client_id=shop', asserted()],
      ['client_not_registered', '/mtls', form(), { who: 'thief' }],
      ['client_not_registered', '/mtls', form({ client_id: 'first' })],
      ['client_ambiguous', '/mtls', form(), { who: 'payments' }],
      ['peer_missing', '/mtls', form({ client_id: 'shop' }), { who: undefined }],
      ['assertion_ambiguous', '/mtls', asserted()],
      ['assertion_ambiguous', '/mtls', `${form({ client_id: 'shop' })}&client.id=first`],
      ['body_unreadable', '/mtls', `${form()}&${big}&client_id=first`],
      ['body_unreadable', '/mtls', form(), { headers: [['content-encoding', 'gzip']] }],
      ['body_unreadable', '/mtls', `${form()}&${big}`, { headers: [['x-envoy-auth-partial-body', 'false']] }],
    ];
    for (const [reason, path, body, more] of attacks) {
      const { answer, line } = await post(transport, path, body, more);
      t.not(answer.status, 200, reason);
      t.is(line.reason, reason, JSON.stringify(line));
    }
    t.is(mesh.app.seen, before);
  });

  envoyTest(
    `${transport}: without the body in the check both are refused, and the log says what is missing`,
    async (t) => {
      for (const [path, reason] of [
        ['/token', 'assertion_missing'],
        ['/mtls', 'body_unreadable'],
      ] as const) {
        const { line } = await post(`${transport}-bodyless`, path, asserted());
        t.is(line.reason, reason);
        t.regex(line.detail ?? '', /with_request_body/);
      }
    },
  );
}

envoyTest('http1: a body whose type is not in the check is not read as a form', async (t) => {
  const { line } = await post('http1-unsaid', '/mtls', form());
  t.is(line.reason, 'body_unreadable');
  t.regex(line.detail ?? '', /not a form/);
});

for (const listener of ['grpc-certificate-oidc', 'http1-oidc'])
  envoyTest(
    `${listener}: oidc-provider issues a token to the client that its certificate proves`,
    async (t) => {
      const host: Send = { headers: [['host', 'oidc.example']] };
      const asked = { resource: SERVER, scope: 'products' };
      const request = (more: Send, parts: Record<string, string>) =>
        mesh.send(listener, {
          ...{ who: 'client', method: 'POST', path: '/token', body: form({ ...asked, ...parts }) },
          ...more,
          headers: [
            ['content-type', 'application/x-www-form-urlencoded'],
            ...(host.headers ?? []),
            ...(more.headers ?? []),
          ],
        });
      const good = await request({}, { client_id: 'shop' });
      t.is(good.status, 200, good.body);
      t.is(good.json().token_type, 'Bearer');
      const forged: Send = { who: 'thief', headers: [['x-spiffe-id', IDS.client]] };
      for (const [more, parts] of [
        [forged, { client_id: 'shop' }],
        [{}, { client_id: 'first' }],
        [{ who: 'payments' }, { client_id: 'shop' }],
      ] as const) {
        const refused = await request(more, parts);
        t.is(refused.status, 401);
        t.is(refused.json().error, 'invalid_client');
        t.is(mesh.decisionOf(refused).reason, 'client_not_registered');
      }
      // The server itself compares the client with the peer too.
      t.is((await request({ who: 'payments' }, { client_id: 'first' })).status, 200);
    },
  );

envoyTest('nothing of an assertion is in the log, or in what a refused caller is told', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
  t.false(JSON.stringify([...mesh.peerproof.lines, ...refusals]).includes('eyJ'));
});
