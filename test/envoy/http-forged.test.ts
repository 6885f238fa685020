import test from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { IN_CHECK, kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, type Send, startMesh } from '../support/mesh.ts';

/** What a client writes of itself, through HTTP ext_authz: it neither decides anything nor reaches the application. */

const names = Object.keys(presets.standard);
const PREFIX = '/check';
/** `few`: as Kyma has it. `shown`: every header of the client is in the check. `plain`: no header of an allow is copied. */
const listeners = ['few', 'shown', 'plain'] as const;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: {
        pathPrefix: PREFIX,
        xfcc: 'direct',
      },
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
      clients: { 'orders-client': [IDS.client] },
      identity: { headers: { 'x-auth-request-issuer': false } },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) => {
      const http = { ports: [parts.httpPort], pathPrefix: PREFIX };
      const everything = { allowed_headers: { patterns: [{ safe_regex: { regex: '.*' } }] } };
      const common = {
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
      };
      return [
        { name: 'few', ...common, extAuthz: kymaAuthorizer(http) },
        { name: 'shown', ...common, extAuthz: kymaAuthorizer(http, { extra: everything }) },
        // Nothing of an allow is copied: what is removed has to be removed all the same.
        { name: 'plain', ...common, extAuthz: { http, allowedHeaders: IN_CHECK, istioPair: true } },
      ];
    },
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

/** Without those that an allow sets: `plain` does not copy them, see the limit below. */
const never = names.filter((name) => !/user|client-id|spiffe|forwarded/.test(name));

for (const listener of listeners)
  for (const [spelling, spell] of Object.entries(spellings))
    envoyTest(`${listener}: forged identity headers, ${spelling}`, async (t) => {
      const forgedNames = (list: readonly string[]) =>
        list.flatMap((name) => spell(name).map((key): [string, string] => [key, forged(name)]));
      for (const protocol of ['h1', 'h2'] as const) {
        const cases: Send[] = [
          { who: 'client', token: mesh.mint() },
          { who: 'client', path: '/public' },
          { path: '/public' },
          { path: '/public', token: mesh.mint() },
        ];
        for (const send of cases) {
          const open = send.path === '/public';
          const headers = forgedNames(listener === 'plain' && !open ? never : names);
          const answer = await mesh.send(listener, { ...send, protocol, headers });
          t.is(answer.status, 200, answer.body);
          t.false(/forged/i.test(answer.body), answer.body);
          if (listener === 'plain') continue;
          t.deepEqual(received(answer, 'x-auth-request-user'), open ? [] : ['alice']);
          t.deepEqual(received(answer, 'x-spiffe-id'), open ? [] : [IDS.client]);
        }
      }
    });

// Envoy removes what is both set and to be removed, so we cannot do both: `onAllow` has to list every managed header, or
// the configuration has to drop it.
envoyTest(
  'limit: a header that is set and that onAllow does not list stays the one of the client',
  async (t) => {
    const headers = names.map((name): [string, string] => [name, forged(name)]);
    const answer = await mesh.send('plain', { who: 'client', token: mesh.mint(), headers });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-auth-request-user'), ['forged']);
    t.deepEqual(received(answer, 'x-spiffe-id'), ['forged']);
    t.deepEqual(received(answer, 'x-auth-request-issuer'), [], 'dropped by identity.headers');
  },
);

envoyTest('the client cannot say what is removed or kept', async (t) => {
  const headers: [string, string][] = [
    ['x-envoy-auth-headers-to-remove', 'authorization,x-auth-request-user'],
    ['connection', 'close, x-auth-request-user, x-spiffe-id'],
  ];
  for (const listener of ['few', 'shown'])
    for (const protocol of ['h1', 'h2'] as const) {
      const sent = headers.slice(0, protocol === 'h1' ? 2 : 1);
      const answer = await mesh.send(listener, {
        who: 'client',
        protocol,
        token: mesh.mint(),
        headers: sent,
      });
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
  'a backslash at the end': () => [`${victim()};Subject="\\`],
  'the JSON form': () => [JSON.stringify([{ Hash: mesh.who.client.sha256Hex, URI: IDS.client }])],
  rubbish: () => ['forged'],
};

for (const listener of listeners)
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

envoyTest('x-client-certificate proves nothing', async (t) => {
  const headers = [['x-client-certificate', mesh.who.client.urlEncodedPem]] as const;
  const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint } });
  for (const listener of listeners)
    for (const who of ['thief', undefined] as const) {
      const answer = await mesh.send(listener, { who, path: '/victim', token, headers });
      t.is(answer.status, 403, answer.body);
    }
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
