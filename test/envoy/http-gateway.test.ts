import test from 'ava';
import type { Issued } from '../support/ca.ts';
import { GATEWAY_XFCC, type Listener } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, type MeshOptions, received, startMesh } from '../support/mesh.ts';

/**
 * The way of Kyma: an ingress gateway, behind it the workload's sidecar, which asks over HTTP. `direct` asks the port
 * itself; in `sidecar` Peerproof has a sidecar of its own, which appends one more element about the proxy that asks.
 */

const ways = ['direct', 'sidecar'] as const;
type Way = (typeof ways)[number];
const meshes = {} as Record<Way, Mesh>;
const partners = {} as Record<Way, Issued>;

const optionsOf = (way: Way): MeshOptions => ({
  config: () => ({
    http: { pathPrefix: '/check', xfcc: way === 'direct' ? 'direct' : { sidecar: IDS.peerproof } },
    peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
    clients: { 'orders-client': [IDS.client] },
    rules: [
      { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
      { name: 'rest' },
    ],
  }),
  listeners: (parts) => {
    const authorizer =
      way === 'direct'
        ? { ports: [parts.httpPort] }
        : { ports: [], listener: 'peerproof', tls: parts.tls('orders'), protocol: 'http2' as const };
    const edge = parts.tls('gateway', { requireClientCertificate: false, acceptUntrusted: true });
    const through = (who: 'gateway' | 'payments') => ({
      upstream: { listener: 'sidecar', tls: parts.tls(who) },
    });
    const listeners: Listener[] = [
      {
        name: 'sidecar',
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
        extAuthz: kymaAuthorizer({ pathPrefix: '/check', ...authorizer }),
      },
      { name: 'gateway', mtls: edge, xfcc: GATEWAY_XFCC, ...through('gateway') },
      // A proxy that is no configured gateway, and passes on what it is told.
      { name: 'relay', mtls: edge, xfcc: { mode: 'FORWARD_ONLY' }, ...through('payments') },
      { name: 'peerproof', mtls: parts.tls('peerproof'), upstream: { port: parts.httpPort } },
    ];
    return listeners;
  },
});

test.before(async () => {
  if (!hasEnvoy) return;
  for (const way of ways) {
    meshes[way] = await startMesh(optionsOf(way));
    partners[way] = await meshes[way].ca.issue({ subject: 'CN=partner' });
  }
});

test.after.always(async () => {
  for (const mesh of Object.values(meshes)) await mesh.stop();
});

const element = (issued: Issued, uri: string) => `By=${IDS.gateway};Hash=${issued.sha256Hex};URI=${uri}`;

for (const way of ways)
  for (const protocol of ['h1', 'h2'] as const) {
    const boundTo = (issued: Issued) =>
      meshes[way].mint({ cnf: { 'x5t#S256': issued.thumbprint }, client_id: 'none' });

    envoyTest(`${way}, ${protocol}: the external client's certificate binds`, async (t) => {
      const [mesh, partner] = [meshes[way], partners[way]];
      const token = boundTo(partner);
      const answer = await mesh.send('gateway', { who: partner, protocol, token });
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), {
        bound_by: 'certificate',
        via: IDS.gateway,
        peer_from: 'xfcc',
        spiffe_id: undefined,
      });
      t.deepEqual(received(answer, 'x-spiffe-id'), []);
      const [forwarded = ''] = received(answer, 'x-forwarded-client-cert');
      t.true(forwarded.startsWith(`By=${IDS.gateway};Hash=${partner.sha256Hex};Cert="`), forwarded);
      // What our own sidecar appended is about a check, and not about this request.
      const last = `Hash=${mesh.who.gateway.sha256Hex};Subject="O=SPIRE,C=US";URI=${IDS.gateway}`;
      t.true(forwarded.endsWith(last), forwarded);
      t.false(forwarded.includes(IDS.peerproof));

      const stolen = await mesh.send('gateway', { who: 'thief', protocol, token });
      t.is(stolen.status, 401);
      t.like(mesh.decisionOf(stolen), {
        reason: 'binding_certificate_mismatch',
        spiffe_id: IDS.thief,
        via: IDS.gateway,
      });
    });

    envoyTest(`${way}, ${protocol}: a workload behind the gateway is itself`, async (t) => {
      const mesh = meshes[way];
      const send = { who: 'client', path: '/victim', protocol, token: mesh.mint() } as const;
      const answer = await mesh.send('gateway', send);
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), { bound_by: 'workload', via: IDS.gateway, spiffe_id: IDS.client });
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
    });

    envoyTest(`${way}, ${protocol}: XFCC forged at the gateway, and beside it`, async (t) => {
      const mesh = meshes[way];
      const before = mesh.app.seen;
      const token = boundTo(mesh.who.client);
      const { client, gateway, orders } = mesh.who;
      const gatewayOwn = `By=${IDS.orders};Hash=${gateway.sha256Hex};URI=${IDS.gateway}`;
      const peerproofOwn = `By=${IDS.peerproof};Hash=${orders.sha256Hex};URI=${IDS.orders}`;
      const victim = element(client, IDS.client);
      // As the gateway would have written it, then the sidecar, then our own.
      const forgeries = [
        victim,
        `${victim},${gatewayOwn}`,
        `${victim},${gatewayOwn},${peerproofOwn}`,
        `${victim},${peerproofOwn}`,
        peerproofOwn,
      ];
      for (const listener of ['gateway', 'sidecar', 'relay'])
        for (const who of ['thief', undefined] as const)
          for (const value of forgeries)
            for (const path of ['/', '/victim']) {
              const headers = [['x-forwarded-client-cert', value]] as const;
              const answer = await mesh.send(listener, { who, path, protocol, token, headers });
              t.true([401, 403].includes(answer.status), `${listener} ${who} ${path}: ${answer.status}`);
              t.not(mesh.decisionOf(answer).spiffe_id, IDS.client);
            }
      t.is(mesh.app.seen, before);
    });

    envoyTest(`${way}, ${protocol}: without a client certificate the gateway owns no token`, async (t) => {
      const mesh = meshes[way];
      for (const token of [boundTo(partners[way]), mesh.mint()]) {
        const answer = await mesh.send('gateway', { protocol, token });
        t.is(answer.status, 401, answer.body);
        t.is(mesh.decisionOf(answer).spiffe_id, IDS.gateway);
      }
    });

    envoyTest(`${way}, ${protocol}: without the gateway the sidecar's own peer counts`, async (t) => {
      const mesh = meshes[way];
      const good = await mesh.send('sidecar', {
        who: 'client',
        path: '/victim',
        protocol,
        token: mesh.mint(),
      });
      t.is(good.status, 200, good.body);
      t.like(mesh.decisionOf(good), { bound_by: 'workload', spiffe_id: IDS.client, via: undefined });
      const thief = await mesh.send('sidecar', { who: 'thief', protocol, token: mesh.mint() });
      t.is(mesh.decisionOf(thief).reason, 'binding_workload_mismatch');
      const nobody = await mesh.send('sidecar', { protocol, token: mesh.mint() });
      t.is(mesh.decisionOf(nobody).reason, 'binding_peer_missing');
    });
  }

for (const way of ways)
  envoyTest(`${way}: the log holds no token, signature, certificate or query`, (t) => {
    assertDiscreet(t, meshes[way].peerproof.lines, meshes[way].tokens);
  });
