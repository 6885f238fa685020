import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject, RenderedListener } from '../../support/envoy-options.ts';
import { clusters, HCM, listener, type Sides } from './parts.ts';

const TYPE = 'type.googleapis.com/envoy.extensions';
const ISTIO_AUTHORIZER = 'outbound|9001||peerproof.peerproof.svc.cluster.local';

/** The connection manager of a sidecar. A default mesh has no EnvoyFilter, so it sends no certificate. */
export function istioSidecar(name: string, sides: Sides, sendsCertificate: boolean): RenderedListener {
  const { manager, route, authorizer } = recorded('sidecar-inbound-hcm', `${name}|`);
  if (!sendsCertificate) delete authorizer.include_peer_certificate;
  return {
    kind: 'rendered',
    name,
    render: (port) => [listener(name, port, sides.tls, [{ name: HCM, typed_config: manager }])],
    clusters: clusters(sides, route, authorizer.grpc_service.envoy_grpc.cluster_name),
  };
}

/**
 * The connection manager of an ambient waypoint, in an internal listener as Istio has it. The one before it stands in
 * for ztunnel: it ends mTLS, and hands on the names at both ends and nothing else.
 */
export function istioWaypoint(name: string, sides: Sides): RenderedListener {
  const { manager, route, authorizer } = recorded('waypoint-hcm', `${name}|`);
  // A filter of Istio's own Envoy, which writes metadata for its telemetry.
  manager.httpFilters = manager.httpFilters.filter(
    (filter: JsonObject) => filter.name !== 'waypoint_upstream_peer_metadata',
  );
  const inner = `${name}|internal`;
  const tunnel = [
    {
      name: 'envoy.filters.network.set_filter_state',
      typed_config: {
        '@type': `${TYPE}.filters.network.set_filter_state.v3.Config`,
        on_downstream_tls_handshake: [
          principal('io.istio.peer_principal', '%DOWNSTREAM_PEER_URI_SAN%'),
          principal('io.istio.local_principal', '%DOWNSTREAM_LOCAL_URI_SAN%'),
        ],
      },
    },
    {
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: {
        '@type': `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
        stat_prefix: name,
        cluster: inner,
        // Else it would connect before the names are known.
        upstream_connect_mode: 'ON_DOWNSTREAM_TLS_HANDSHAKE',
        max_early_data_bytes: 65_536,
      },
    },
  ];
  return {
    kind: 'rendered',
    name,
    render: (port) => [
      // HBONE is mTLS.
      listener(name, port, { ...sides.tls, requireClientCertificate: true }, tunnel),
      {
        name: inner,
        internal_listener: {},
        filter_chains: [{ filters: [{ name: HCM, typed_config: manager }] }],
      },
    ],
    clusters: [
      ...clusters(sides, route, authorizer.grpcService.envoyGrpc.clusterName),
      internalCluster(inner),
    ],
  };
}

/** A recorded connection manager, whose clusters get a prefix so that several can stand in one Envoy. */
function recorded(file: string, prefix: string) {
  const url = new URL(`../../fixtures/istio/${file}.yaml`, import.meta.url);
  const text = readFileSync(url, 'utf8').replaceAll(ISTIO_AUTHORIZER, `${prefix}${ISTIO_AUTHORIZER}`);
  const manager = parse(text);
  const filters: JsonObject[] = manager.http_filters ?? manager.httpFilters;
  const found = filters.find((filter) => filter.name === 'envoy.filters.http.ext_authz');
  // biome-ignore lint/suspicious/noExplicitAny: what is in a recorded filter is not ours to type
  const authorizer = (found?.typed_config ?? found?.typedConfig) as any;
  const [host] =
    (manager.route_config ?? manager.routeConfig).virtual_hosts ?? manager.routeConfig.virtualHosts;
  const route: JsonObject = host.routes[0].route;
  route.cluster = `${prefix}${route.cluster}`;
  return { manager, route, authorizer };
}

function principal(key: string, format: string): JsonObject {
  return {
    object_key: key,
    // As Istio has it: connections of different principals then never share one to the inner listener.
    factory_key: 'envoy.hashable_string',
    format_string: { text_format_source: { inline_string: format } },
    shared_with_upstream: 'ONCE',
  };
}

/** Leads to another listener of the same Envoy, and takes the shared filter state along. */
function internalCluster(name: string): JsonObject {
  const address = { envoy_internal_address: { server_listener_name: name } };
  return {
    name,
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    transport_socket: {
      name: 'envoy.transport_sockets.internal_upstream',
      typed_config: {
        '@type': `${TYPE}.transport_sockets.internal_upstream.v3.InternalUpstreamTransport`,
        transport_socket: {
          name: 'envoy.transport_sockets.raw_buffer',
          typed_config: { '@type': `${TYPE}.transport_sockets.raw_buffer.v3.RawBuffer` },
        },
      },
    },
  };
}
