import test from 'ava';
import type { Listener } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, type MeshParts, received, startMesh } from '../support/mesh.ts';

/** `http.xfcc`, said rightly and wrongly: whether a sidecar of our own stands before the HTTP port. */

const settings = {
  sidecar: { xfcc: { sidecar: IDS.peerproof } },
  another: { xfcc: { sidecar: IDS.payments } },
  direct: { xfcc: 'direct', spiffeId: IDS.peerproof },
  /** Peerproof does not know its own name. */
  nameless: { xfcc: 'direct' },
  none: { xfcc: 'none' },
} as const;
type Setting = keyof typeof settings;
const meshes = {} as Record<Setting, Mesh>;

/** `through` asks our sidecar over mTLS, `past` the port behind it. */
function listeners(parts: MeshParts & { httpPort: number }): Listener[] {
  const asking = (name: string, authorizer: object, more: object = {}): Listener => ({
    name,
    mtls: parts.tls('orders', { requireClientCertificate: false }),
    upstream: { port: parts.app.port },
    extAuthz: kymaAuthorizer({ ports: [parts.httpPort], ...authorizer }),
    ...more,
  });
  const through = { listener: 'peerproof', tls: parts.tls('orders') };
  const asIstio = { listener: 'peerproof-istio', tls: parts.tls('orders') };
  return [
    // As Istio's sidecars do, it passes on from an address of its own.
    {
      name: 'peerproof-istio',
      mtls: parts.tls('peerproof'),
      upstream: { port: parts.httpPort, from: '127.0.0.6' },
    },
    asking('through-istio', asIstio),
    { name: 'peerproof', mtls: parts.tls('peerproof'), upstream: { port: parts.httpPort } },
    asking('through', through),
    asking('through-h2c', { ...through, protocol: 'http2' }),
    asking('past', {}),
    // The one before us normalises paths, the one that asks does not.
    asking('raw', through, { normalizePath: false }),
  ];
}

test.before(async () => {
  if (!hasEnvoy) return;
  for (const [name, http] of Object.entries(settings))
    meshes[name as Setting] = await startMesh({
      config: () => ({
        http,
        peers: { trustDomains: { 'cluster.local': {} } },
        clients: { 'orders-client': [IDS.client], 'own-client': [IDS.orders] },
        rules: [
          { name: 'public', match: { paths: ['/public'] }, public: true },
          { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
          { name: 'own', match: { paths: ['/own'] }, require: { peers: [IDS.orders] } },
          { name: 'rest' },
        ],
      }),
      listeners,
    });
});

test.after.always(async () => {
  for (const mesh of Object.values(meshes)) await mesh.stop();
});

const boundToken = (mesh: Mesh) =>
  mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });

for (const listener of ['through', 'through-h2c'])
  envoyTest(`sidecar, ${listener}: the peer is the one of the proxy that asks`, async (t) => {
    const mesh = meshes.sidecar;
    for (const protocol of ['h1', 'h2'] as const) {
      const token = boundToken(mesh);
      const bound = await mesh.send(listener, { who: 'client', protocol, path: '/victim', token });
      t.is(bound.status, 200, bound.body);
      t.like(mesh.decisionOf(bound), { bound_by: 'certificate', spiffe_id: IDS.client });
      const [forwarded = ''] = received(bound, 'x-forwarded-client-cert');
      t.true(forwarded.startsWith(`By=${IDS.orders};Hash=${mesh.who.client.sha256Hex};`), forwarded);
      t.true(forwarded.endsWith(`;URI=${IDS.client}`), forwarded);
      t.false(forwarded.includes(IDS.peerproof));
      t.is((await mesh.send(listener, { who: 'client', protocol, token: mesh.mint() })).status, 200);

      const stolen = await mesh.send(listener, { who: 'thief', protocol, token });
      t.is(mesh.decisionOf(stolen).reason, 'binding_certificate_mismatch');
      const nobody = await mesh.send(listener, { protocol, path: '/victim', token });
      t.is(mesh.decisionOf(nobody).reason, 'peer_missing');
      // The proxy that asks must not be the peer.
      const own = await mesh.send(listener, { protocol, path: '/own', token });
      t.is(mesh.decisionOf(own).reason, 'peer_missing');
    }
  });

envoyTest('sidecar: past it nothing is believed, and what came past it is refused', async (t) => {
  const mesh = meshes.sidecar;
  for (const path of ['/victim', '/', '/public']) {
    const answer = await mesh.send('past', { who: 'client', path, token: boundToken(mesh) });
    t.is(answer.status, 403, answer.body);
    t.is(mesh.decisionOf(answer).reason, 'peer_forwarded_ambiguous');
  }
  // Without a certificate nothing is said of a peer, so there is nothing to refuse.
  const nobody = await mesh.send('past', { path: '/victim', token: boundToken(mesh) });
  t.is(mesh.decisionOf(nobody).reason, 'peer_missing');
});

envoyTest('another: the sidecar of somebody else is refused', async (t) => {
  const mesh = meshes.another;
  for (const listener of ['through', 'past']) {
    const answer = await mesh.send(listener, { who: 'client', token: boundToken(mesh) });
    t.is(mesh.decisionOf(answer).reason, 'peer_forwarded_ambiguous');
  }
});

envoyTest('none: nobody is a peer, whoever asks and whatever the client says', async (t) => {
  const mesh = meshes.none;
  const forged = `By=${IDS.orders};Hash=${mesh.who.client.sha256Hex};URI=${IDS.client}`;
  const headers = [['x-forwarded-client-cert', forged]] as const;
  for (const listener of ['through', 'past'])
    for (const who of ['client', 'thief', undefined] as const) {
      const answer = await mesh.send(listener, { who, token: boundToken(mesh), headers });
      t.is(mesh.decisionOf(answer).reason, 'binding_peer_missing');
      const open = await mesh.send(listener, { who, path: '/public', headers });
      t.is(open.status, 200);
      t.deepEqual(received(open, 'x-forwarded-client-cert'), []);
    }
});

envoyTest('direct: without a sidecar the peer is the one of the proxy that asks', async (t) => {
  const mesh = meshes.direct;
  const answer = await mesh.send('past', { who: 'client', path: '/victim', token: boundToken(mesh) });
  t.is(answer.status, 200, answer.body);
  t.is(mesh.decisionOf(answer).spiffe_id, IDS.client);
});

const wrongSettings = (mesh: Mesh) =>
  mesh.peerproof.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'wrong_setting');

/** A token of the application's own client, which any of its callers could show if that proxy were taken for them. */
const ownToken = (mesh: Mesh) => mesh.mint({ client_id: 'own-client' });

for (const [setting, listeners] of [
  ['direct', ['through', 'through-h2c', 'through-istio']],
  ['nameless', ['through-istio']],
] as const)
  envoyTest(
    `${setting}: behind a sidecar of our own everybody is refused, and the log says why once`,
    async (t) => {
      const mesh = meshes[setting];
      for (const listener of listeners)
        for (const who of ['client', 'thief', undefined] as const)
          for (const path of ['/own', '/victim', '/', '/public']) {
            const answer = await mesh.send(listener, { who, path, token: ownToken(mesh) });
            t.is(answer.status, 403, `${listener} ${who} ${path}`);
            t.is(mesh.decisionOf(answer).reason, 'peer_own_sidecar');
          }
      const [said, ...more] = wrongSettings(mesh);
      t.like(said, { level: 50, setting: 'http.xfcc' });
      t.true(said.message.includes(`{sidecar: "${IDS.peerproof}"}`), said.message);
      t.deepEqual(more, []);
    },
  );

envoyTest(
  'direct: a client that names us in an element of its own gains nothing and stops nobody',
  async (t) => {
    const mesh = meshes.direct;
    const forged = `By=${IDS.peerproof};Hash=${mesh.who.client.sha256Hex};URI=${IDS.client}`;
    const headers = [['x-forwarded-client-cert', forged]] as const;
    const stolen = await mesh.send('past', {
      who: 'thief',
      path: '/victim',
      token: boundToken(mesh),
      headers,
    });
    t.is(mesh.decisionOf(stolen).reason, 'peer_not_allowed');
    const owner = await mesh.send('past', {
      who: 'client',
      path: '/victim',
      token: boundToken(mesh),
      headers,
    });
    t.is(owner.status, 200, owner.body);
  },
);

// A limit: a Peerproof that does not know its own name notices a sidecar of Istio alone, by its address. The start says so.
envoyTest('limit: nameless behind another sidecar takes every caller for the asking workload', async (t) => {
  const mesh = meshes.nameless;
  const answer = await mesh.send('through', { who: 'thief', path: '/own', token: ownToken(mesh) });
  t.is(mesh.decisionOf(answer).spiffe_id, IDS.orders);
  const weak = mesh.peerproof.lines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'weak_setting');
  t.true(weak.some(({ message }) => message.includes('http.spiffeId')));
});

// A limit: over HTTP the path is the one of the check itself, so whoever stands between may rewrite it. The same path
// normalisation everywhere (Istio's is that of the mesh) leaves nothing to rewrite.
envoyTest('limit: a sidecar of our own that normalises paths hides what the application gets', async (t) => {
  const mesh = meshes.sidecar;
  const answer = await mesh.send('raw', { path: '/victim/../public' });
  t.is(answer.status, 200);
  t.true(answer.json().path.startsWith('/victim/../public?'));
});

for (const setting of Object.keys(settings) as Setting[])
  envoyTest(`${setting}: the log holds no token, signature, certificate or query`, (t) => {
    assertDiscreet(t, meshes[setting].peerproof.lines, meshes[setting].tokens);
  });
