import { kymaAuthorizer } from './envoy-kyma.ts';
import type { ExtAuthz, HttpListener } from './envoy-options.ts';
import { type MeshListeners, routes } from './mesh.ts';

/**
 * The ways in which Envoy asks. Over gRPC it sends the client's certificate, or XFCC with `Hash` and `URI` alone; over
 * HTTP it asks as Kyma renders it, by either protocol.
 */
export const TRANSPORTS = ['grpc-certificate', 'grpc-hash', 'http1', 'http2'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What the configuration needs for the two transports of HTTP. */
export const HTTP_DOOR = { pathPrefix: '/check', xfcc: 'direct' } as const;

/** Puts every header of the client into a check over HTTP, so that any of them that counts is noticed. */
export const EVERY_HEADER: Partial<ExtAuthz> = {
  extra: { allowed_headers: { patterns: [{ safe_regex: { regex: '.*' } }] } },
};

/** As the decision log and the metrics name it. */
export const doorOf = (transport: Transport): 'grpc' | 'http' =>
  transport.startsWith('http') ? 'http' : 'grpc';

/** The ext_authz filter that asks in this way. `ports` are those of the door. */
export function authorizerOf(transport: Transport, ports: number[], more: Partial<ExtAuthz> = {}): ExtAuthz {
  if (transport === 'http1' || transport === 'http2')
    return kymaAuthorizer({ ports, pathPrefix: HTTP_DOOR.pathPrefix, protocol: transport }, more);
  return {
    grpc: { ports },
    istioPair: true,
    includePeerCertificate: transport === 'grpc-certificate',
    ...more,
  };
}

/** The listener of a workload's sidecar that asks in this way, named like the transport. */
export function sidecarListener(
  transport: Transport,
  parts: MeshListeners,
  more: Partial<ExtAuthz> = {},
): HttpListener {
  const grpc = doorOf(transport) === 'grpc';
  return {
    name: transport,
    mtls: parts.tls('orders', { requireClientCertificate: false }),
    upstream: { port: parts.app.port },
    // An answer over HTTP brings no dynamic metadata that the routes could show.
    routes: routes(parts, { showDecision: grpc }),
    extAuthz: authorizerOf(transport, [grpc ? parts.grpcPort : parts.httpPort], more),
  };
}
