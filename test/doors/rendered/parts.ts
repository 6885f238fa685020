import { cluster } from '../../support/envoy-config.ts';
import { downstreamTls } from '../../support/envoy-listener.ts';
import type { JsonObject, ListenerTls } from '../../support/envoy-options.ts';

/** What stands on both sides of a rendered filter: the application, and Peerproof. */
export interface Sides {
  readonly tls: ListenerTls;
  readonly appPort: number;
  readonly grpcPort: number;
}

export const HCM = 'envoy.filters.network.http_connection_manager';

/** The clusters that a rendered filter and its route name. */
export function clusters(sides: Sides, route: JsonObject, authorizer: string): JsonObject[] {
  const plain = { tls: undefined };
  return [
    cluster({ name: String(route.cluster), ports: [sides.appPort], protocol: 'auto', ...plain }),
    cluster({ name: authorizer, ports: [sides.grpcPort], protocol: 'http2', ...plain }),
  ];
}

/** A listener with these network filters, which asks for a client certificate. */
export function listener(name: string, port: number, tls: ListenerTls, filters: JsonObject[]): JsonObject {
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [{ filters, transport_socket: downstreamTls(tls, ['h2', 'http/1.1']) }],
  };
}
