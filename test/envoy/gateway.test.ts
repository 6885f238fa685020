import test from 'ava';
import type { Issued } from '../support/ca.ts';
import { GATEWAY_XFCC } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import type { ExtAuthz, Listener } from '../support/envoy-options.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import {
  IDS,
  type Mesh,
  type MeshListeners,
  type MeshOptions,
  received,
  startMesh,
} from '../support/mesh.ts';
import { authorizerOf, HTTP_DOOR, sidecarListener } from '../support/transports.ts';

/**
 * An ingress gateway before the workload's sidecar, through each transport: the external client is the XFCC element
 * before the gateway's own. In `http-sidecar` Peerproof has a sidecar of its own, which appends one more element about
 * the proxy that asks.
 */

const authorizers = {
  'grpc-hash': ({ grpcPort }) => authorizerOf('grpc-hash', [grpcPort]),
  'grpc-certificate': ({ grpcPort }) => authorizerOf('grpc-certificate', [grpcPort]),
  'http-direct': ({ httpPort }) => authorizerOf('http1', [httpPort]),
  'http-sidecar': (parts) =>
    kymaAuthorizer({
      ports: [],
      listener: 'peerproof',
      tls: parts.tls('orders'),
      pathPrefix: HTTP_DOOR.pathPrefix,
      protocol: 'http2',
    }),
} satisfies Record<string, (parts: MeshListeners) => ExtAuthz>;
type Way = keyof typeof authorizers;
const ways = Object.keys(authorizers) as Way[];

/** One Peerproof for the ways that come to its own ports, one that has a sidecar. */
const meshes: { direct?: Mesh; sidecar?: Mesh } = {};
const meshOf = (way: Way) => meshes[way === 'http-sidecar' ? 'sidecar' : 'direct'] as Mesh;
const partners = new Map<Mesh, Issued>();
const partnerOf = (way: Way) => partners.get(meshOf(way)) as Issued;

const optionsOf = (served: readonly Way[]): MeshOptions => ({
  config: () => ({
    http: { ...HTTP_DOOR, xfcc: served.includes('http-sidecar') ? { sidecar: IDS.peerproof } : 'direct' },
    peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
    clients: { 'orders-client': [IDS.client] },
    rules: [
      { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
      { name: 'rest' },
    ],
  }),
  listeners: (parts) => [
    { name: 'peerproof', mtls: parts.tls('peerproof'), upstream: { port: parts.httpPort } },
    ...served.flatMap((way): Listener[] => {
      const edge = parts.tls('gateway', { requireClientCertificate: false, acceptUntrusted: true });
      const through = (who: 'gateway' | 'payments') => ({
        upstream: { listener: `sidecar-${way}`, tls: parts.tls(who) },
      });
      const sidecar = sidecarListener(way.startsWith('grpc') ? 'grpc-hash' : 'http1', parts);
      return [
        { ...sidecar, name: `sidecar-${way}`, extAuthz: authorizers[way](parts) },
        { name: `gateway-${way}`, mtls: edge, xfcc: GATEWAY_XFCC, ...through('gateway') },
        // A proxy that is no configured gateway, and passes on what it is told.
        { name: `relay-${way}`, mtls: edge, xfcc: { mode: 'FORWARD_ONLY' }, ...through('payments') },
      ];
    }),
  ],
});

test.before(async () => {
  if (!hasEnvoy) return;
  meshes.direct = await startMesh(optionsOf(['grpc-hash', 'grpc-certificate', 'http-direct']));
  meshes.sidecar = await startMesh(optionsOf(['http-sidecar']));
  for (const mesh of [meshes.direct, meshes.sidecar])
    partners.set(mesh, await mesh.ca.issue({ subject: 'CN=partner' }));
});

test.after.always(async () => {
  await meshes.direct?.stop();
  await meshes.sidecar?.stop();
});

const element = (issued: Issued, uri: string) => `By=${IDS.gateway};Hash=${issued.sha256Hex};URI=${uri}`;

for (const way of ways)
  for (const protocol of ['h1', 'h2'] as const) {
    const [gateway, sidecar, relay] = [`gateway-${way}`, `sidecar-${way}`, `relay-${way}`] as const;
    const boundTo = (issued: Issued) =>
      meshOf(way).mint({ cnf: { 'x5t#S256': issued.thumbprint }, client_id: 'none' });

    envoyTest(`${way}, ${protocol}: the external client's certificate binds`, async (t) => {
      const [mesh, partner] = [meshOf(way), partnerOf(way)];
      const token = boundTo(partner);
      const answer = await mesh.send(gateway, { who: partner, protocol, token });
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

      const stolen = await mesh.send(gateway, { who: 'thief', protocol, token });
      t.is(stolen.status, 401);
      t.like(mesh.decisionOf(stolen), {
        reason: 'binding_certificate_mismatch',
        spiffe_id: IDS.thief,
        via: IDS.gateway,
      });
    });

    envoyTest(`${way}, ${protocol}: a workload behind the gateway is itself`, async (t) => {
      const mesh = meshOf(way);
      const send = { who: 'client', path: '/victim', protocol, token: mesh.mint() } as const;
      const answer = await mesh.send(gateway, send);
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), { bound_by: 'workload', via: IDS.gateway, spiffe_id: IDS.client });
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
    });

    envoyTest(`${way}, ${protocol}: XFCC forged at the gateway, and beside it`, async (t) => {
      const mesh = meshOf(way);
      const before = mesh.app.seen;
      const token = boundTo(mesh.who.client);
      const { client, orders } = mesh.who;
      const gatewayOwn = `By=${IDS.orders};Hash=${mesh.who.gateway.sha256Hex};URI=${IDS.gateway}`;
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
      for (const listener of [gateway, sidecar, relay])
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

    envoyTest(
      `${way}, ${protocol}: without a client certificate the gateway is the peer, and owns no token`,
      async (t) => {
        const mesh = meshOf(way);
        for (const token of [boundTo(partnerOf(way)), mesh.mint()]) {
          const answer = await mesh.send(gateway, { protocol, token });
          t.is(answer.status, 401, answer.body);
          t.is(mesh.decisionOf(answer).spiffe_id, IDS.gateway);
        }
      },
    );

    envoyTest(`${way}, ${protocol}: without the gateway the sidecar's own peer counts`, async (t) => {
      const mesh = meshOf(way);
      const good = await mesh.send(sidecar, {
        who: 'client',
        path: '/victim',
        protocol,
        token: mesh.mint(),
      });
      t.is(good.status, 200, good.body);
      t.like(mesh.decisionOf(good), { bound_by: 'workload', spiffe_id: IDS.client, via: undefined });
      const thief = await mesh.send(sidecar, { who: 'thief', protocol, token: mesh.mint() });
      t.is(mesh.decisionOf(thief).reason, 'binding_workload_mismatch');
      const nobody = await mesh.send(sidecar, { protocol, token: mesh.mint() });
      t.is(mesh.decisionOf(nobody).reason, 'binding_peer_missing');
    });
  }

envoyTest('the logs hold no token, signature, certificate or query', (t) => {
  for (const mesh of partners.keys()) assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
