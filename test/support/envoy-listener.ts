import { httpAuthorization, networkAuthorization } from './envoy-ext-authz.ts';
import {
  type HttpListener,
  type JsonObject,
  type Listener,
  type ListenerTls,
  type Route,
  SIDECAR_XFCC,
  type TcpListener,
  type TlsIdentity,
} from './envoy-options.ts';

const TYPE = 'type.googleapis.com/envoy.extensions';

/** The name of the cluster behind a listener, or behind one of its routes. */
export function upstreamCluster(listener: string, route?: number): string {
  return route === undefined ? `inbound|${listener}` : `inbound|${listener}|${route}`;
}

/** The name of the cluster behind a virtual host. */
export function hostCluster(listener: string, index: number): string {
  return `inbound|${listener}|host-${index}`;
}

/** The certificate part that both directions of TLS share. */
export function commonTls(identity: TlsIdentity, more: JsonObject = {}): JsonObject {
  return {
    tls_certificates: [
      {
        certificate_chain: { inline_string: identity.certPem },
        private_key: { inline_string: identity.keyPem },
      },
    ],
    validation_context: { trusted_ca: { inline_string: identity.caPem }, ...more },
  };
}

/** The name of the cluster of the collector that a listener sends its spans to. */
export function collectorCluster(listener: string): string {
  return `outbound|4318||${listener}`;
}

function tracing(name: string, { port, share }: NonNullable<HttpListener['tracing']>): JsonObject {
  const uri = `http://127.0.0.1:${port}/v1/traces`;
  return {
    random_sampling: { value: share },
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
        http_service: { http_uri: { uri, cluster: collectorCluster(name), timeout: '5s' } },
        service_name: 'envoy',
      },
    },
  };
}

/** The TLS side of a listener. */
export function downstreamTls(tls: ListenerTls, alpn: string[]): JsonObject {
  const validation: JsonObject = tls.acceptUntrusted
    ? { trust_chain_verification: 'ACCEPT_UNTRUSTED', allow_expired_certificate: true }
    : {};
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${TYPE}.transport_sockets.tls.v3.DownstreamTlsContext`,
      require_client_certificate: tls.requireClientCertificate ?? true,
      common_tls_context: {
        ...commonTls(tls, validation),
        ...(alpn.length > 0 ? { alpn_protocols: alpn } : {}),
      },
    },
  };
}

function route(listener: HttpListener, options: Route, index: number): JsonObject {
  const { contextExtensions, extAuthzDisabled, requestHeadersToAdd } = options;
  const perRoute: JsonObject | undefined = extAuthzDisabled
    ? { disabled: true }
    : contextExtensions && { check_settings: { context_extensions: contextExtensions } };
  return {
    match: options.path === undefined ? { prefix: options.prefix } : { path: options.path },
    route: {
      cluster: upstreamCluster(listener.name, options.upstream ? index : undefined),
      timeout: '40s',
    },
    request_headers_to_add: Object.entries(requestHeadersToAdd ?? {}).map(([key, value]) => ({
      header: { key, value },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    typed_per_filter_config: perRoute && {
      'envoy.filters.http.ext_authz': {
        '@type': `${TYPE}.filters.http.ext_authz.v3.ExtAuthzPerRoute`,
        ...perRoute,
      },
    },
  };
}

function httpConnectionManager(listener: HttpListener): JsonObject {
  const { mode, ...details } = listener.xfcc ?? SIDECAR_XFCC;
  const routes = listener.routes ?? [{ prefix: '/' }];
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: listener.name,
      use_remote_address: false,
      forward_client_cert_details: mode,
      set_current_client_cert_details: { ...details },
      normalize_path: listener.normalizePath ?? true,
      tracing: listener.tracing && tracing(listener.name, listener.tracing),
      access_log: listener.accessLog && [textLog(listener.accessLog)],
      merge_slashes: listener.mergeSlashes ?? false,
      path_with_escaped_slashes_action: listener.unescapeSlashes ? 'UNESCAPE_AND_FORWARD' : 'KEEP_UNCHANGED',
      ...(listener.maxHeadersKb && { max_request_headers_kb: listener.maxHeadersKb }),
      ...(listener.stripAnyHostPort && { strip_any_host_port: true }),
      ...(listener.stripTrailingHostDot && { strip_trailing_host_dot: true }),
      // A test that closes its connection must not keep Envoy lingering over it.
      delayed_close_timeout: '0.1s',
      route_config: {
        name: listener.name,
        ignore_port_in_host_matching: listener.ignorePortInHostMatching ?? false,
        virtual_hosts: [
          ...(listener.virtualHosts ?? []).map(({ domains }, index) => ({
            name: `${listener.name}|${index}`,
            domains,
            routes: [
              {
                match: { prefix: '/' },
                route: { cluster: hostCluster(listener.name, index), timeout: '40s' },
              },
            ],
          })),
          {
            name: listener.name,
            domains: ['*'],
            routes: routes.map((options, index) => route(listener, options, index)),
          },
        ],
      },
      http_filters: [
        ...(listener.extAuthz ? httpAuthorization(listener.name, listener.extAuthz) : []),
        ...(listener.filtersAfter ?? []),
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': `${TYPE}.filters.http.router.v3.Router` },
        },
      ],
    },
  };
}

function textLog({ file, format }: NonNullable<HttpListener['accessLog']>): JsonObject {
  return {
    name: 'envoy.access_loggers.file',
    typed_config: {
      '@type': `${TYPE}.access_loggers.file.v3.FileAccessLog`,
      path: file,
      log_format: { text_format_source: { inline_string: format } },
    },
  };
}

function tcpFilters(listener: TcpListener): JsonObject[] {
  return [
    ...(listener.extAuthz ? networkAuthorization(listener.name, listener.extAuthz) : []),
    {
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: {
        '@type': `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
        stat_prefix: listener.name,
        cluster: upstreamCluster(listener.name),
      },
    },
  ];
}

/** One listener of the bootstrap, and the internal ones behind it. */
export function renderListener(listener: Listener, port: number): JsonObject[] {
  if (listener.kind === 'rendered') return listener.render(port);
  const isTcp = listener.kind === 'tcp';
  const rendered: JsonObject = {
    name: listener.name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [
      {
        filters: isTcp ? tcpFilters(listener) : [httpConnectionManager(listener)],
        transport_socket: listener.mtls && downstreamTls(listener.mtls, isTcp ? [] : ['h2', 'http/1.1']),
      },
    ],
  };
  return [rendered];
}
