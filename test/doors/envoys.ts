import { type Envoy, type ListenerTls, startEnvoy } from '../support/envoy.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { envoyFile } from './rendered/envoy-file.ts';
import { envoyGateway } from './rendered/envoy-gateway.ts';
import { istioSidecar, istioWaypoint } from './rendered/istio.ts';
import type { DoorWorld } from './world.ts';

/** The doors of one Envoy, by their names: each is a listener. A client certificate is optional, so that its absence can be shown. */
export async function startEnvoys({ ca, who, app, peerproof }: DoorWorld): Promise<Envoy> {
  const { certPem, keyPem } = who.orders;
  const tls: ListenerTls = { certPem, keyPem, caPem: ca.certPem, requireClientCertificate: false };
  const sides = { tls, appPort: app.port, grpcPort: peerproof.grpcPort };
  // A gateway has a certificate for its host, and no SPIFFE ID.
  const { certPem: gatewayPem, keyPem: gatewayKey } = await ca.server();
  const gateway = { ...sides, tls: { ...tls, certPem: gatewayPem, keyPem: gatewayKey } };
  const upstream = { port: app.port };
  const kyma = { ports: [peerproof.httpPort], pathPrefix: '/check' };
  return startEnvoy({
    listeners: [
      {
        name: 'grpc',
        ...{ mtls: tls, upstream },
        extAuthz: { grpc: { ports: [peerproof.grpcPort] }, includePeerCertificate: true },
      },
      { name: 'http', mtls: tls, upstream, extAuthz: kymaAuthorizer(kyma) },
      istioSidecar('istio-sidecar', sides, true),
      istioSidecar('istio-default', sides, false),
      istioWaypoint('istio-waypoint', sides),
      envoyGateway('envoy-gateway', gateway),
      envoyFile('envoy-file', sides),
    ],
  });
}
