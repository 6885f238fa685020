import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import type { HttpListener, Listener } from '../support/envoy-options.ts';
import { IDS, type MeshListeners } from '../support/mesh.ts';
import { sidecarListener } from '../support/transports.ts';
import type { StandIns } from './explain-stand-ins.ts';
import { type ExplainMesh, nobody, startWithText } from './explain-world.ts';

/** Behind a sidecar of its own that nobody named, in the place of an oauth2-proxy, and with bundles. */
export function startDoorMesh(standIns: StandIns): Promise<ExplainMesh> {
  const proxies = (address: string) => ({ proxies: [address], original: 'x-original' as const });
  return startWithText(
    standIns,
    ({ issuer }) => ({
      issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'] } },
      http: {
        ...{ pathPrefix: '/check', xfcc: 'direct', spiffeId: IDS.peerproof },
        forwardAuth: [
          { path: '/oauth2/auth', ...proxies('127.0.0.1') },
          { path: '/oauth2/closed', ...proxies('192.0.2.1') },
        ],
      },
      identity: { preset: 'oauth2-proxy' },
      dpop: { nonce: {} },
      peers: {
        trustDomains: {
          'cluster.local': {},
          // No certificate here is signed by this authority.
          'bundled.example': { bundle: standIns.files.ca },
          'fetched.example': { bundleEndpoint: `${nobody}/bundle`, timeout: '1s' },
        },
      },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        { name: 'bearer', match: { paths: ['/bearer/**'] }, require: { binding: ['none'] } },
        { name: 'keyed', match: { paths: ['/keyed/**'] }, require: { binding: ['dpop'] } },
        { name: 'rest' },
      ],
    }),
    listenersOf,
  );
}

function listenersOf(parts: MeshListeners): Listener[] {
  const usual = sidecarListener('grpc-certificate', parts);
  const mtls = parts.tls('orders', { requireClientCertificate: false });
  const overHttp = (name: string, http: Parameters<typeof kymaAuthorizer>[0]): HttpListener => ({
    ...usual,
    name,
    routes: [{ prefix: '/' }],
    extAuthz: kymaAuthorizer(http),
  });
  const ports = [parts.httpPort];
  const asking = { 'x-original-method': 'GET', 'x-original-host': 'app.test', 'x-original-uri': '/bearer/1' };
  return [
    usual,
    { ...usual, name: 'edge', mtls: { ...mtls, acceptUntrusted: true } },
    // As Istio's sidecars do, it passes on from an address of its own.
    {
      ...{ name: 'peerproof', mtls: parts.tls('peerproof') },
      upstream: { port: parts.httpPort, from: '127.0.0.6' },
    },
    overHttp('through', {
      ...{ ports, listener: 'peerproof', tls: parts.tls('orders'), pathPrefix: '/check' },
    }),
    overHttp('elsewhere', { ports, pathPrefix: '/authorize' }),
    // Prefix and path together are those of `forwardAuth`: so this Envoy asks as nginx does.
    overHttp('as-nginx', { ports, pathPrefix: '/oauth2', headersToAdd: asking }),
  ];
}
