import { createServer } from 'node:http';
import { startAllOrNothing } from './all-or-nothing.ts';
import { type App, startApp, startGrpcEcho, startTcpEcho } from './app.ts';
import { type Ca, createCa, type Issued } from './ca.ts';
import { type Envoy, type ExtAuthz, GATEWAY_XFCC, type ListenerTls, startEnvoy } from './envoy.ts';
import { type ExtAuthzStub, startExtAuthzStub } from './ext-authz-stub.ts';
import { listen } from './listening.ts';

export const CLIENT = 'spiffe://cluster.local/ns/applications/sa/client';
export const SIDECAR = 'spiffe://cluster.local/ns/applications/sa/orders';
export const GATEWAY = 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account';

/** One Envoy with a listener for each way it can be set up, and all that stands around it. */
export interface World {
  client: Issued;
  sidecar: Issued;
  gateway: Issued;
  ca: Ca;
  app: App;
  grpcEcho: App;
  tcpEcho: App;
  stub: ExtAuthzStub;
  second: ExtAuthzStub;
  envoy: Envoy;
  stop(): Promise<void>;
}

/** Starts everything for the self-test of this folder; when one part fails, what was started is ended again. */
export function startWorld(): Promise<World> {
  return startAllOrNothing(build);
}

async function build(cleanups: (() => unknown)[]): Promise<Omit<World, 'stop'>> {
  const ca = await createCa();
  const [client, sidecar, gateway, app, grpcEcho, tcpEcho, stub, second] = await Promise.all([
    ca.svid(CLIENT),
    ca.svid(SIDECAR),
    ca.svid(GATEWAY),
    startApp(),
    startGrpcEcho(),
    startTcpEcho(),
    startExtAuthzStub(),
    startExtAuthzStub(),
  ]);
  cleanups.push(app.stop, grpcEcho.stop, tcpEcho.stop, stub.stop, second.stop);
  const httpAuthorizer = createServer((incoming, response) => {
    const allowed = incoming.url === '/check/orders?x=1';
    response.writeHead(allowed ? 200 : 401, { 'x-user': 'alice', 'www-authenticate': 'Bearer' });
    response.end('no');
  });
  const port = await listen(httpAuthorizer);
  cleanups.push(() => httpAuthorizer.close());
  const own: ListenerTls = { certPem: sidecar.certPem, keyPem: sidecar.keyPem, caPem: ca.certPem };
  const grpc: ExtAuthz = { grpc: { ports: [stub.port] } };
  const upstream = { port: app.port };
  const envoy = await startEnvoy({
    listeners: [
      {
        name: 'sidecar',
        mtls: own,
        upstream,
        extAuthz: { ...grpc, istioPair: true },
        routes: [
          { prefix: '/peerproof.test.', upstream: { port: grpcEcho.port, protocol: 'http2' } },
          {
            prefix: '/',
            contextExtensions: { policy: 'orders' },
            requestHeadersToAdd: { 'x-metadata': '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:user)%' },
          },
        ],
      },
      { name: 'certificate', mtls: own, upstream, extAuthz: { ...grpc, includePeerCertificate: true } },
      { name: 'marked', upstream, extAuthz: { ...grpc, istioPair: { paths: ['/guarded'] } } },
      {
        name: 'checked',
        upstream,
        extAuthz: { grpc: { ports: [stub.port, second.port], healthCheck: true } },
      },
      {
        name: 'http',
        upstream,
        extAuthz: {
          http: {
            ports: [port],
            pathPrefix: '/check',
            allowedUpstreamHeaders: ['x-user'],
          },
        },
      },
      {
        name: 'gateway',
        mtls: { ...own, certPem: gateway.certPem, keyPem: gateway.keyPem },
        xfcc: GATEWAY_XFCC,
        upstream: {
          listener: 'sidecar',
          tls: { certPem: gateway.certPem, keyPem: gateway.keyPem, caPem: ca.certPem },
        },
      },
      {
        kind: 'tcp',
        name: 'tcp',
        mtls: own,
        upstream: { port: tcpEcho.port },
        extAuthz: { ...grpc, istioPair: true, includePeerCertificate: true },
      },
    ],
  });
  cleanups.push(envoy.stop);
  return { ca, client, sidecar, gateway, app, grpcEcho, tcpEcho, stub, second, envoy };
}
