import test from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { IN_CHECK } from '../support/envoy-kyma.ts';
import type { ExtAuthz } from '../support/envoy-options.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, type MeshListeners, received, type Send, startMesh } from '../support/mesh.ts';
import { authorizerOf, EVERY_HEADER, HTTP_DOOR, sidecarListener } from '../support/transports.ts';

/** What a client writes of itself, through each transport: it neither decides anything nor reaches the application. */

const names = Object.keys(presets.standard);
const raw = { encodeRawHeaders: true };
/** `few`: few headers of the client are in the check. `shown`: all. `plain`: no header of an allow is copied. */
const authorizers: Record<string, (parts: MeshListeners) => ExtAuthz> = {
  'grpc-certificate': ({ grpcPort }) => authorizerOf('grpc-certificate', [grpcPort]),
  'grpc-hash': ({ grpcPort }) => authorizerOf('grpc-hash', [grpcPort]),
  'grpc-raw-certificate': ({ grpcPort }) => authorizerOf('grpc-certificate', [grpcPort], raw),
  'grpc-raw-hash': ({ grpcPort }) => authorizerOf('grpc-hash', [grpcPort], raw),
  'grpc-few': ({ grpcPort }) =>
    authorizerOf('grpc-certificate', [grpcPort], { allowedHeaders: ['authorization'] }),
  'http-few': ({ httpPort }) => authorizerOf('http1', [httpPort]),
  'http-shown': ({ httpPort }) => authorizerOf('http1', [httpPort], EVERY_HEADER),
  'http-plain': ({ httpPort }) => ({
    http: { ports: [httpPort], pathPrefix: HTTP_DOOR.pathPrefix },
    allowedHeaders: IN_CHECK,
    istioPair: true,
  }),
};
const all = Object.keys(authorizers).filter((listener) => listener !== 'grpc-few');
/** Without the one that copies no header to the application, see the limit below. */
const copying = all.filter((listener) => listener !== 'http-plain');

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: HTTP_DOOR,
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
      clients: { 'orders-client': [IDS.client] },
      identity: { headers: { 'x-auth-request-groups': false } },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) =>
      Object.entries(authorizers).map(([name, authorizer]) => ({
        ...sidecarListener(name.startsWith('grpc') ? 'grpc-hash' : 'http1', parts),
        name,
        extAuthz: authorizer(parts),
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** What a forger would write; for XFCC in a form that can be read, or the request would not get far. */
function forged(name: string): string {
  return name.endsWith('cert')
    ? `By=spiffe://forged/x;Hash=${'0'.repeat(64)};URI=spiffe://forged/y`
    : 'forged';
}

/** Each spelling that some framework takes for the managed header. */
const spellings: Record<string, (name: string) => string[]> = {
  plain: (name) => [name],
  'in capitals': (name) => [name.toUpperCase()],
  twice: (name) => [name, name],
  'twice in two cases': (name) => [name, name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())],
  'with _': (name) => [name.replaceAll('-', '_')],
  'with _ in capitals, twice': (name) => [name.replaceAll('-', '_').toUpperCase(), name.replaceAll('-', '_')],
  'with one _': (name) => [name.replace('-', '_'), name.replace(/-(?=[^-]*$)/, '_')],
  'with and without _': (name) => [name, name.replaceAll('-', '_'), name.replace('-', '_')],
};

/** Without those that an allow sets. */
const unset = names.filter((name) => !/user|client-id|issuer|spiffe|forwarded/.test(name));

for (const listener of all)
  for (const [spelling, spell] of Object.entries(spellings))
    envoyTest(`${listener}: forged identity headers, ${spelling}`, async (t) => {
      for (const protocol of ['h1', 'h2'] as const) {
        const cases: Send[] = [
          { who: 'client', token: mesh.mint() },
          { who: 'client', path: '/public' },
          { path: '/public' },
          { path: '/public', token: mesh.mint() },
        ];
        for (const send of cases) {
          const open = send.path === '/public';
          const headers = (copying.includes(listener) || open ? names : unset).flatMap((name) =>
            spell(name).map((key): [string, string] => [key, forged(name)]),
          );
          const answer = await mesh.send(listener, { ...send, protocol, headers });
          t.is(answer.status, 200, answer.body);
          t.false(/forged/i.test(answer.body), answer.body);
          if (!copying.includes(listener)) continue;
          t.deepEqual(received(answer, 'x-auth-request-user'), open ? [] : ['alice']);
          t.deepEqual(received(answer, 'x-spiffe-id'), open ? [] : [IDS.client]);
        }
      }
    });

envoyTest('forged identity headers that the check does not even show', async (t) => {
  const headers = names.flatMap((name): [string, string][] => [
    [name, forged(name)],
    [name.replaceAll('-', '_'), forged(name)],
  ]);
  for (const protocol of ['h1', 'h2'] as const)
    for (const send of [{ token: mesh.mint() }, { path: '/public' }]) {
      const answer = await mesh.send('grpc-few', { who: 'client', protocol, headers, ...send });
      t.is(answer.status, 200, answer.body);
      t.false(/forged/i.test(answer.body), answer.body);
    }
});

// Envoy removes what is both set and to be removed, so we cannot do both: `onAllow` has to list every managed header, or
// the configuration has to drop it.
envoyTest(
  'limit: a header that is set and that onAllow does not list stays the one of the client',
  async (t) => {
    const headers = names.map((name): [string, string] => [name, forged(name)]);
    const token = mesh.mint({ groups: ['ops'] });
    const answer = await mesh.send('http-plain', { who: 'client', token, headers });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-auth-request-user'), ['forged']);
    t.deepEqual(received(answer, 'x-spiffe-id'), ['forged']);
    t.deepEqual(received(answer, 'x-auth-request-groups'), [], 'dropped by identity.headers');
  },
);

for (const listener of copying)
  envoyTest(`${listener}: the client cannot say what is removed or kept`, async (t) => {
    const headers: [string, string][] = [
      ['x-envoy-auth-headers-to-remove', 'authorization,x-auth-request-user'],
      ['connection', 'close, x-auth-request-user, x-spiffe-id'],
    ];
    for (const protocol of ['h1', 'h2'] as const) {
      // HTTP/2 has no Connection.
      const sent = headers.slice(0, protocol === 'h1' ? 2 : 1);
      const send = { who: 'client', protocol, token: mesh.mint(), headers: sent } as const;
      const answer = await mesh.send(listener, send);
      t.is(answer.status, 200, answer.body);
      t.deepEqual(received(answer, 'x-auth-request-user'), ['alice']);
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
      t.is(received(answer, 'authorization').length, 1);
    }
  });

/** The client's element, in the words of the proxy; `mesh` exists only once the tests run. */
const victim = (more = '') => `By=${IDS.orders};Hash=${mesh.who.client.sha256Hex}${more};URI=${IDS.client}`;
const xfccs: Record<string, () => string[]> = {
  'one element': () => [victim()],
  'with the certificate': () => [victim(`;Cert="${mesh.who.client.urlEncodedPem}"`)],
  'naming the gateway': () => [
    `${victim()},By=${IDS.orders};Hash=${mesh.who.gateway.sha256Hex};URI=${IDS.gateway}`,
  ],
  'in two headers': () => [victim(), victim()],
  'an open quote': () => [`${victim()};Subject="`],
  'an open quote with a key': () => [`${victim()};DNS="x`],
  'a comma at the end': () => [`${victim()},`],
  'a semicolon at the end': () => [`${victim()};`],
  'a backslash at the end': () => [`${victim()};Subject="\\`],
  'the JSON form': () => [JSON.stringify([{ Hash: mesh.who.client.sha256Hex, URI: IDS.client }])],
  rubbish: () => ['forged'],
};

for (const listener of all)
  for (const [title, header] of Object.entries(xfccs))
    envoyTest(`${listener}: forged XFCC, ${title}: a thief stays a thief`, async (t) => {
      const headers = header().map((value): [string, string] => ['X-Forwarded-Client-Cert', value]);
      const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
      const before = mesh.app.seen;
      for (const protocol of ['h1', 'h2'] as const)
        for (const who of ['thief', undefined] as const)
          for (const path of ['/victim', '/']) {
            const answer = await mesh.send(listener, { who, path, protocol, token, headers });
            t.true([401, 403].includes(answer.status), answer.body);
            t.not(mesh.decisionOf(answer).spiffe_id, IDS.client);
          }
      t.is(mesh.app.seen, before);
    });

for (const listener of copying)
  envoyTest(`${listener}: the application gets no more of XFCC than is proven`, async (t) => {
    const headers = [['x-forwarded-client-cert', `${victim()};Subject="CN=forged"`]] as const;
    const answer = await mesh.send(listener, { who: 'client', token: mesh.mint(), headers });
    t.is(answer.status, 200, answer.body);
    t.false(/forged/i.test(answer.body), answer.body);
    t.deepEqual(received(answer, 'x-forwarded-client-cert'), [
      `By=${IDS.orders};Hash=${mesh.who.client.sha256Hex};Subject="O=SPIRE,C=US";URI=${IDS.client}`,
    ]);
  });

for (const listener of all)
  envoyTest(`${listener}: x-client-certificate proves nothing`, async (t) => {
    const headers = [['x-client-certificate', mesh.who.client.urlEncodedPem]] as const;
    const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
    for (const who of ['thief', undefined] as const) {
      const answer = await mesh.send(listener, { who, path: '/victim', token, headers });
      t.is(answer.status, 403, answer.body);
    }
    const open = await mesh.send(listener, { who: 'thief', path: '/public', headers });
    t.deepEqual(received(open, 'x-client-certificate'), []);
  });

for (const listener of ['grpc-raw-certificate', 'grpc-raw-hash'])
  envoyTest(`${listener}: two Authorization headers are refused, never chosen from`, async (t) => {
    const token = `Bearer ${mesh.mint()}`;
    for (const protocol of ['h1', 'h2'] as const)
      for (const pair of [
        [token, token],
        [token, 'Bearer x'],
        ['Basic YTpi', token],
        [token, 'Basic YTpi'],
      ]) {
        const headers = pair.map((value): [string, string] => ['Authorization', value]);
        const answer = await mesh.send(listener, { who: 'client', protocol, headers });
        t.is(answer.status, 400, answer.body);
        t.is(answer.json().error, 'invalid_request');
        t.is(mesh.decisionOf(answer).reason, 'authorization_ambiguous');
      }
  });

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
