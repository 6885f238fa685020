import { authorizerCluster } from './envoy-ext-authz.ts';
import {
  collectorCluster,
  commonTls,
  hostCluster,
  renderListener,
  upstreamCluster,
} from './envoy-listener.ts';
import type { EnvoyOptions, ExtAuthz, Json, JsonObject, Listener, Upstream } from './envoy-options.ts';

const TYPE = 'type.googleapis.com/envoy.extensions';
const PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

const PROTOCOLS: Record<'auto' | 'http1' | 'http2', JsonObject> = {
  auto: { use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} } },
  http1: { explicit_http_config: { http_protocol_options: {} } },
  http2: { explicit_http_config: { http2_protocol_options: {} } },
};

export interface ClusterParts {
  name: string;
  ports: number[];
  protocol: keyof typeof PROTOCOLS;
  tls: Upstream['tls'];
  from?: string | undefined;
  grpcHealthCheck?: boolean;
  /** Where to ask each of `ports` over HTTP whether it is well. */
  healthPorts?: number[] | undefined;
}

const HEALTH_CHECK: JsonObject = {
  // Long, because an instance that is only slow must not look unhealthy.
  timeout: '5s',
  interval: '0.2s',
  no_traffic_interval: '0.2s',
  unhealthy_interval: '0.2s',
  unhealthy_threshold: 1,
  healthy_threshold: 1,
};

/** A cluster of servers on 127.0.0.1. */
export function cluster(parts: ClusterParts): JsonObject {
  const { name, ports, protocol, tls, from, grpcHealthCheck, healthPorts } = parts;
  return {
    name,
    type: 'STATIC',
    connect_timeout: '10s',
    upstream_bind_config: from && { source_address: { address: from, port_value: 0 } },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: ports.map((port, index) => ({
            endpoint: {
              address: { socket_address: { address: '127.0.0.1', port_value: port } },
              health_check_config: healthPorts && { port_value: healthPorts[index] },
            },
          })),
        },
      ],
    },
    // As Istio sets it: when all instances are unhealthy, fail instead of asking any of them.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    // By default the authority is the cluster's name, and Node's HTTP/2 refuses one with `|` in it.
    health_checks: grpcHealthCheck
      ? [{ ...HEALTH_CHECK, grpc_health_check: { authority: 'peerproof.test' } }]
      : healthPorts && [{ ...HEALTH_CHECK, http_health_check: { path: '/readyz', host: 'peerproof.test' } }],
    typed_extension_protocol_options: {
      [PROTOCOL_OPTIONS]: {
        '@type': `type.googleapis.com/${PROTOCOL_OPTIONS}`,
        ...PROTOCOLS[protocol],
      },
    },
    transport_socket: tls && {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`,
        common_tls_context: commonTls(tls),
      },
    },
  };
}

function authorizer(
  listener: string,
  { grpc, http }: ExtAuthz,
  listeners: ReadonlyMap<string, number>,
): JsonObject {
  if ((grpc === undefined) === (http === undefined)) {
    throw new TypeError(`listener ${listener}: extAuthz needs exactly one of grpc and http`);
  }
  const before = http?.listener === undefined ? undefined : listeners.get(http.listener);
  return cluster({
    name: authorizerCluster(listener),
    ports: before === undefined ? ((grpc ?? http)?.ports ?? []) : [before],
    protocol: grpc ? 'http2' : (http?.protocol ?? 'http1'),
    tls: (grpc ?? http)?.tls,
    grpcHealthCheck: grpc?.healthCheck ?? false,
    healthPorts: http?.healthPorts,
  });
}

function clusters(listener: Listener, ports: ReadonlyMap<string, number>): JsonObject[] {
  if (listener.kind === 'rendered') return listener.clusters;
  const upstream = (name: string, { port, listener: next, protocol, tls, from }: Upstream): JsonObject => {
    const target = next === undefined ? port : ports.get(next);
    if (target === undefined) throw new TypeError(`listener ${listener.name}: its upstream has no port`);
    return cluster({ name, ports: [target], protocol: protocol ?? 'auto', tls, from });
  };
  const list = [upstream(upstreamCluster(listener.name), listener.upstream)];
  if (listener.kind !== 'tcp') {
    listener.routes?.forEach((route, index) => {
      if (route.upstream) list.push(upstream(upstreamCluster(listener.name, index), route.upstream));
    });
  }
  if (listener.kind !== 'tcp')
    for (const [index, host] of (listener.virtualHosts ?? []).entries())
      list.push(upstream(hostCluster(listener.name, index), host.upstream));
  if (listener.kind !== 'tcp' && listener.tracing)
    list.push(upstream(collectorCluster(listener.name), { port: listener.tracing.port, protocol: 'http1' }));
  if (listener.extAuthz) list.push(authorizer(listener.name, listener.extAuthz, ports));
  return list;
}

/** Undefined members fall away here, as in `JSON.stringify`; Envoy would refuse a null in some of them. */
function withoutUndefined(config: JsonObject): Json {
  return JSON.parse(JSON.stringify(config)) as Json;
}

/**
 * The bootstrap for Envoy, as JSON. `ports` gives each listener's port by its name.
 * The admin interface takes a port of its own choice and writes it to a file (`--admin-address-path`).
 */
export function envoyBootstrap(options: EnvoyOptions, ports: ReadonlyMap<string, number>): string {
  const bootstrap: JsonObject = {
    node: { id: 'peerproof-test', cluster: 'peerproof-test' },
    // Spans leave one by one, so that a test need not wait for five of them.
    layered_runtime: {
      layers: [{ name: 'test', static_layer: { 'tracing.opentelemetry.min_flush_spans': 1 } }],
    },
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } },
    // For listeners that only another listener of the same Envoy reaches, as in an ambient waypoint.
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: { '@type': `${TYPE}.bootstrap.internal_listener.v3.InternalListener` },
      },
    ],
    static_resources: {
      listeners: options.listeners.flatMap((listener) => {
        const port = ports.get(listener.name);
        if (port === undefined) throw new TypeError(`listener ${listener.name} has no port`);
        return renderListener(listener, port);
      }),
      clusters: options.listeners.flatMap((listener) => clusters(listener, ports)),
    },
  };
  return JSON.stringify(withoutUndefined(bootstrap));
}
