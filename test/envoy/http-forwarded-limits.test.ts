import test from 'ava';
import type { IssueOptions } from '../support/ca.ts';
import { GATEWAY_XFCC, type HttpListener } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh } from '../support/mesh.ts';

/**
 * A check over HTTP brings no `source.principal` and no certificate: `x-forwarded-client-cert` is all that says who the
 * peer is, and nothing can contradict it. So `xfcc` is believed only of proxies that write it themselves, about peers
 * whose certificates hold nothing but names: what forward-only.test.ts and injected-san.test.ts show for gRPC, without
 * the comparisons that are possible there.
 */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: { pathPrefix: '/check', xfcc: 'direct' },
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) => {
      const common = {
        upstream: { port: parts.app.port },
        extAuthz: kymaAuthorizer({ ports: [parts.httpPort], pathPrefix: '/check' }),
      };
      const mtls = parts.tls('orders', { requireClientCertificate: false });
      const listeners: HttpListener[] = [
        { name: 'sidecar', ...common, mtls },
        { name: 'edge', ...common, mtls: parts.tls('gateway'), xfcc: GATEWAY_XFCC },
        { name: 'forwarding', ...common, mtls, xfcc: { mode: 'FORWARD_ONLY' } },
        { name: 'sanitising', ...common, mtls, xfcc: { mode: 'SANITIZE' } },
        { name: 'without-mtls', ...common, xfcc: { mode: 'APPEND_FORWARD' } },
        { name: 'always-forwarding', ...common, xfcc: { mode: 'ALWAYS_FORWARD_ONLY' } },
      ];
      return listeners;
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const boundToken = () => mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
const victim = () => `By=${IDS.orders};Hash=${mesh.who.client.sha256Hex};URI=${IDS.client}`;

for (const [listener, plain] of [
  ['sidecar', false],
  ['edge', false],
  ['sanitising', false],
  ['without-mtls', true],
] as const)
  envoyTest(`${listener}: the client's own XFCC is not believed`, async (t) => {
    const before = mesh.app.seen;
    for (const path of ['/', '/victim'])
      for (const who of plain ? [undefined] : (['thief'] as const)) {
        const headers = [['x-forwarded-client-cert', victim()]] as const;
        const answer = await mesh.send(listener, { who, plain, path, token: boundToken(), headers });
        t.true([401, 403].includes(answer.status), answer.body);
        t.not(mesh.decisionOf(answer).spiffe_id, IDS.client);
      }
    t.is(mesh.app.seen, before);
  });

for (const [listener, plain] of [
  ['forwarding', false],
  ['always-forwarding', true],
] as const)
  envoyTest(
    `known limit – ${listener}: where the proxy hands on XFCC, the client says who it is`,
    async (t) => {
      const headers = [['x-forwarded-client-cert', victim()]] as const;
      const who = plain ? undefined : 'thief';
      const answer = await mesh.send(listener, { who, plain, path: '/victim', token: boundToken(), headers });
      t.is(answer.status, 200);
      t.is(mesh.decisionOf(answer).spiffe_id, IDS.client);
    },
  );

const own = 'spiffe://cluster.local/ns/applications/sa/thief';
const partner = 'https://partner.example';
const hash = () => mesh.who.client.sha256Hex;
const cert = () => `Cert="${mesh.who.client.urlEncodedPem}"`;

/** Names of a certificate that the client's own authority would never sign. */
const refused: Record<string, () => IssueOptions> = {
  'a second URI behind its own': () => ({ uris: [`${own};URI=${IDS.client}`] }),
  'a second URI before its own': () => ({ uris: [`${IDS.client};URI=${own}`] }),
  'two URIs': () => ({ uris: [own, IDS.client] }),
  'a URI behind one that is no SPIFFE ID': () => ({ uris: [`${partner};URI=${IDS.client}`] }),
  'a quote': () => ({ uris: [`${partner}";URI=${IDS.client}`] }),
  'an open quote': () => ({ uris: [`${partner};Subject="`] }),
  'a foreign trust domain': () => ({ uris: [IDS.foreign] }),
};
const believed: Record<string, () => IssueOptions> = {
  'an element with Hash and URI': () => ({ uris: [`${partner},By=x;Hash=${hash()};URI=${IDS.client}`] }),
  'a whole element': () => ({ uris: [`${partner},By=x;Hash=${hash()};${cert()};URI=${IDS.client}`] }),
  'an element by way of DNS': () => ({ dns: [`partner,By=x;Hash=${hash()};URI=${IDS.client}`] }),
};

async function attack(listener: string, names: IssueOptions) {
  const evil = await mesh.ca.issue({ subject: 'CN=evil', ...names });
  const before = mesh.app.seen;
  const answer = await mesh.send(listener, { who: evil, path: '/victim', token: boundToken() });
  return { answer, line: mesh.decisionOf(answer), reached: mesh.app.seen > before };
}

for (const listener of ['sidecar', 'edge']) {
  for (const [title, names] of Object.entries(refused))
    envoyTest(`${listener}: a certificate with ${title} is refused`, async (t) => {
      const { answer, line, reached } = await attack(listener, names());
      t.true([401, 403].includes(answer.status), answer.body);
      t.not(line.spiffe_id, IDS.client);
      t.false(reached);
    });
  for (const [title, names] of Object.entries(believed))
    envoyTest(`known limit – ${listener}: a certificate with ${title} is believed`, async (t) => {
      const { answer, line } = await attack(listener, names());
      t.is(answer.status, 200, answer.body);
      t.is(line.spiffe_id, IDS.client);
    });
}

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
