import test, { type ExecutionContext } from 'ava';
import type { IssueOptions } from '../support/ca.ts';
import { GATEWAY_XFCC } from '../support/envoy.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, routes, startMesh } from '../support/mesh.ts';

/**
 * Envoy writes URI and DNS names unescaped into XFCC: a certificate of another CA that the proxy trusts can hold what
 * looks like more pairs, or like another element behind Envoy's own.
 */

const listeners = ['hash', 'certificate', 'gateway', 'edge'] as const;

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) => {
      const guarded = {
        mtls: parts.tls('orders'),
        upstream: { port: parts.app.port },
        routes: routes(parts),
        extAuthz: { grpc: parts.authorizer, istioPair: true },
      };
      return [
        { name: 'hash', ...guarded },
        { name: 'certificate', ...guarded, extAuthz: { ...guarded.extAuthz, includePeerCertificate: true } },
        // A gateway that asks for itself.
        { name: 'edge', ...guarded, mtls: parts.tls('gateway'), xfcc: GATEWAY_XFCC },
        {
          name: 'gateway',
          mtls: parts.tls('gateway'),
          xfcc: GATEWAY_XFCC,
          upstream: { listener: 'hash', tls: parts.tls('gateway') },
        },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const own = 'spiffe://cluster.local/ns/applications/sa/thief';
const partner = 'https://partner.example';
const hash = () => mesh.who.client.sha256Hex;
const cert = () => `Cert="${mesh.who.client.urlEncodedPem}"`;
const ends = () => `By=${IDS.orders};Hash=${mesh.who.gateway.sha256Hex};URI=${IDS.gateway}`;

/** Names of a certificate that the client's own authority would never sign. */
const injections: Record<string, () => IssueOptions> = {
  'a second URI behind its own': () => ({ uris: [`${own};URI=${IDS.client}`] }),
  'a second URI before its own': () => ({ uris: [`${IDS.client};URI=${own}`] }),
  'two URIs': () => ({ uris: [own, IDS.client] }),
  'a URI behind one that is no SPIFFE ID': () => ({ uris: [`${partner};URI=${IDS.client}`] }),
  'an element with a URI': () => ({ uris: [`${partner},By=x;URI=${IDS.client}`] }),
  'an element with Hash and URI': () => ({ uris: [`${partner},By=x;Hash=${hash()};URI=${IDS.client}`] }),
  'an element with Hash alone': () => ({ uris: [`${partner},By=x;Hash=${hash()}`] }),
  'an element with Hash alone by way of DNS': () => ({ dns: [`partner,Hash=${hash()}`] }),
  'a whole element': () => ({ uris: [`${partner},By=x;Hash=${hash()};${cert()};URI=${IDS.client}`] }),
  'an element and the gateway': () => ({ uris: [`${partner},Hash=${hash()};URI=${IDS.client},${ends()}`] }),
  'a URI by way of DNS': () => ({ dns: [`partner;URI=${IDS.client}`] }),
  'an element by way of DNS': () => ({ dns: [`partner,By=x;Hash=${hash()};URI=${IDS.client}`] }),
  'an element by way of DNS, beside a URI': () => ({
    uris: [partner],
    dns: [`partner,By=x;Hash=${hash()};URI=${IDS.client}`],
  }),
  'a quote': () => ({ uris: [`${partner}";URI=${IDS.client}`] }),
  'an open quote': () => ({ uris: [`${partner};Subject="`] }),
  'a NUL': () => ({ uris: [`${IDS.client}\0.evil.example`] }),
  'a foreign trust domain': () => ({ uris: [IDS.foreign] }),
};

/** Sends both tokens of the client with a certificate of these names, to both paths. */
async function attack(t: ExecutionContext, listener: string, names: IssueOptions): Promise<void> {
  const evil = await mesh.ca.issue({ subject: 'CN=evil', ...names });
  const bound = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
  const before = mesh.app.seen;
  for (const token of [bound, mesh.mint()])
    for (const path of ['/', '/victim']) {
      const answer = await mesh.send(listener, { who: evil, path, token });
      // The gateway's own Envoy refuses to send a NUL on, before any check.
      if (/^invalid header value/.test(answer.body)) continue;
      t.true([401, 403].includes(answer.status), `${path}: ${answer.status}`);
      const { spiffe_id: spiffeId } = mesh.decisionOf(answer);
      t.false([IDS.client, IDS.foreign].includes(spiffeId), spiffeId);
    }
  t.is(mesh.app.seen, before);
}

for (const listener of listeners)
  for (const [title, names] of Object.entries(injections))
    envoyTest(`${listener}: ${title}`, (t) => attack(t, listener, names()));

// A limit, not a goal, and said in SECURITY.md: behind a name that Envoy confirms, another name of the same certificate
// can be a whole element. Only the certificate itself tells: whoever trusts such a CA needs include_peer_certificate.
for (const listener of ['hash', 'edge'])
  envoyTest(`known limit – ${listener}: an element in a second name is believed`, async (t) => {
    const names = { uris: [partner], dns: [`x,By=x;Hash=${hash()};URI=${partner}`] };
    const evil = await mesh.ca.issue({ subject: 'CN=evil', ...names });
    const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
    t.is((await mesh.send(listener, { who: evil, token })).status, 200);
  });

for (const listener of ['certificate', 'gateway'])
  envoyTest(`${listener}: an element in a second name`, (t) =>
    attack(t, listener, { uris: [partner], dns: [`x,By=x;Hash=${hash()};URI=${partner}`] }),
  );

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
