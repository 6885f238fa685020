import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, routes, startMesh } from '../support/mesh.ts';

/**
 * A listener in FORWARD_ONLY mode hands on whatever the client wrote into XFCC. What Envoy itself says of its peer
 * (principal, certificate) must then decide, and nothing that contradicts it may be believed.
 */

let mesh: Mesh;
let careful: Mesh;

async function start(from: ('attribute' | 'xfcc' | 'principal')[] | undefined): Promise<Mesh> {
  return startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway], ...(from && { from }) },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) =>
      ['hash', 'certificate'].map((name) => ({
        name,
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        xfcc: { mode: 'FORWARD_ONLY' },
        upstream: { port: parts.app.port },
        routes: routes(parts),
        extAuthz: { grpc: parts.authorizer, istioPair: true, includePeerCertificate: name === 'certificate' },
      })),
  });
}

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await start(undefined);
  // What an operator of such a listener has to set.
  careful = await start(['attribute', 'principal']);
});

test.after.always(async () => {
  await mesh?.stop();
  await careful?.stop();
});

const hash = (who: 'client' | 'thief' = 'client') => mesh.who[who].sha256Hex;

const forgeries: Record<string, () => string> = {
  'the whole victim': () => `By=${IDS.orders};Hash=${hash()};URI=${IDS.client}`,
  'the victim with its certificate': () =>
    `By=${IDS.orders};Hash=${hash()};Cert="${mesh.who.client.urlEncodedPem}";URI=${IDS.client}`,
  'the victim behind the gateway': () =>
    `Hash=${hash()};URI=${IDS.client},Hash=${mesh.who.gateway.sha256Hex};URI=${IDS.gateway}`,
  'the name of the victim beside its own': () => `Hash=${hash('thief')};URI=${IDS.thief};URI=${IDS.client}`,
  'the victim first, itself last': () =>
    `Hash=${hash()};URI=${IDS.client},Hash=${hash('thief')};URI=${IDS.thief}`,
  'no name': () => `Hash=${hash()}`,
};

for (const listener of ['hash', 'certificate'])
  for (const [title, forgery] of Object.entries(forgeries))
    envoyTest(`${listener}: ${title}: refused`, async (t) => {
      const headers = [['x-forwarded-client-cert', forgery()]] as const;
      const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
      const before = mesh.app.seen;
      for (const who of ['thief', undefined] as const)
        for (const path of ['/', '/victim']) {
          const answer = await mesh.send(listener, { who, path, token, headers });
          t.true([401, 403].includes(answer.status), `${who} ${path}: ${answer.status}`);
          t.not(mesh.decisionOf(answer).spiffe_id, IDS.client);
        }
      t.is(mesh.app.seen, before);
    });

/** The thief under its own name, with the victim's hash: only the certificate itself could tell. */
const borrowedHash = (from: Mesh) =>
  [
    ['x-forwarded-client-cert', `By=${IDS.orders};Hash=${from.who.client.sha256Hex};URI=${IDS.thief}`],
  ] as const;

for (const listener of ['hash', 'certificate'])
  envoyTest(`${listener}, peers.from without xfcc: the victim's hash under its own name`, async (t) => {
    const token = careful.mint({ cnf: { 'x5t#S256': careful.who.client.thumbprint }, client_id: 'none' });
    const answer = await careful.send(listener, { who: 'thief', token, headers: borrowedHash(careful) });
    t.is(answer.status, 401, answer.body);
    t.is(careful.decisionOf(answer).reason, 'binding_certificate_mismatch');
  });

envoyTest("certificate: the victim's hash under its own name", async (t) => {
  const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
  const answer = await mesh.send('certificate', { who: 'thief', token, headers: borrowedHash(mesh) });
  t.is(answer.status, 401, answer.body);
});

// A limit, not a goal, and said in SECURITY.md: without the certificate nothing tells this element from one that Envoy
// wrote. Such a listener needs include_peer_certificate, or `peers.from` without xfcc, as above.
envoyTest("known limit – hash: the victim's hash under its own name is believed", async (t) => {
  const token = mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
  const answer = await mesh.send('hash', { who: 'thief', token, headers: borrowedHash(mesh) });
  t.is(answer.status, 200);
});

envoyTest('the application gets no XFCC that names anybody else', async (t) => {
  const token = mesh.mint({ client_id: 'thief-client', sub: IDS.thief });
  for (const value of [
    `Hash=${hash('thief')};URI=${IDS.thief};URI=${IDS.client}`,
    `Hash=${hash('thief')};URI=${IDS.client}`,
    `By=${IDS.orders};Hash=${hash()};URI=${IDS.client}`,
  ]) {
    const headers = [['x-forwarded-client-cert', value]] as const;
    const answer = await mesh.send('certificate', { who: 'thief', token, headers });
    if (answer.status !== 200) continue;
    const forwarded = received(answer, 'x-forwarded-client-cert').join();
    t.false(forwarded.includes(IDS.client), forwarded);
  }
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
  assertDiscreet(t, careful.peerproof.lines, careful.tokens);
});
