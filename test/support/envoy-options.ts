/** What a test may ask of its Envoy. `envoy-config.ts` turns it into a bootstrap. */

export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A certificate to present and the CA to believe. */
export interface TlsIdentity {
  certPem: string;
  keyPem: string;
  /** CA bundle that the other side's certificate must chain to. */
  caPem: string;
}

export interface ListenerTls extends TlsIdentity {
  /** True by default: Istio's STRICT. False asks for a certificate and goes on without one. */
  requireClientCertificate?: boolean;
  /** Take any certificate, also of a foreign CA or an expired one, as an edge proxy may. */
  acceptUntrusted?: boolean;
}

/** What Envoy does with x-forwarded-client-cert; with the field names of `set_current_client_cert_details`. */
export interface Xfcc {
  mode: 'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';
  subject?: boolean;
  cert?: boolean;
  chain?: boolean;
  dns?: boolean;
  uri?: boolean;
}

/** Istio's sidecar: appends its own peer last, without the certificate. */
export const SIDECAR_XFCC: Xfcc = { mode: 'APPEND_FORWARD', subject: true, dns: true, uri: true };
/** Istio's gateway: replaces what the client sent, with the certificate. */
export const GATEWAY_XFCC: Xfcc = { mode: 'SANITIZE_SET', subject: true, cert: true, dns: true, uri: true };

/** The authorizer asked over gRPC. */
export interface GrpcAuthorizer {
  /** Ports of 127.0.0.1; several are load balanced round robin. */
  ports: number[];
  /** Asks `grpc.health.v1` every 200 ms and takes an instance out that is not SERVING. */
  healthCheck?: boolean;
  /** Speak TLS to the authorizer, with this client certificate. */
  tls?: TlsIdentity;
  authority?: string;
}

/** The authorizer asked over HTTP. Header names are matched exactly, without case. */
export interface HttpAuthorizer {
  ports: number[];
  /** Instead of `ports`: a listener of the same Envoy that stands before the authorizer, such as its own sidecar. */
  listener?: string;
  /** Ports that say at `/readyz` whether the instance should be asked, in the order of `ports`; asked every 200 ms. */
  healthPorts?: number[];
  /** HTTP/1.1 by default. */
  protocol?: 'http1' | 'http2';
  /** Speak TLS to the authorizer, with this client certificate. */
  tls?: TlsIdentity;
  pathPrefix?: string;
  headersToAdd?: Record<string, string>;
  /** `onAllow` in Istio: what reaches the application. */
  allowedUpstreamHeaders?: string[];
  /** `onDeny` in Istio. */
  allowedClientHeaders?: string[];
}

/** The ext_authz filter. Exactly one of `grpc` and `http`. */
export interface ExtAuthz {
  grpc?: GrpcAuthorizer;
  http?: HttpAuthorizer;
  /** 30 s by default. Istio's own default is 600 s. */
  timeoutMs?: number;
  includePeerCertificate?: boolean;
  failureModeAllow?: boolean;
  encodeRawHeaders?: boolean;
  /** HTTP status when the authorizer fails; Envoy's own default is 403. */
  statusOnError?: number;
  /** Headers sent to the authorizer; all by default with gRPC, few with HTTP. */
  allowedHeaders?: string[];
  withRequestBody?: { maxRequestBytes: number; allowPartialMessage?: boolean; packAsBytes?: boolean };
  /**
   * Puts Istio's RBAC filter with shadow rules before it, and lets it run only where that one marked the request.
   * With `paths` only those exact paths are marked; else everything is.
   */
  istioPair?: boolean | { paths: string[] };
  /** Merged last into the filter's config, for fields without an option here. */
  extra?: JsonObject;
}

/** Where requests go. */
export interface Upstream {
  /** A port of 127.0.0.1, or `listener`: the name of another listener of the same Envoy. */
  port?: number;
  listener?: string;
  /** `auto` (default) follows the client's protocol, as Istio's inbound clusters do. */
  protocol?: 'auto' | 'http1' | 'http2';
  /** mTLS to the upstream, as between gateway and sidecar. */
  tls?: TlsIdentity;
  /** The address that its connections come from. */
  from?: string;
}

/** Hosts that go to an application of their own. */
export interface VirtualHost {
  /** Exact, or with a wildcard, as Envoy has them: case does not count, a port and a final dot do. */
  domains: string[];
  upstream: Upstream;
}

export interface Route {
  prefix: string;
  /** Instead of the prefix: this path to the letter. */
  path?: string;
  /** Handed to the authorizer as `context_extensions`. */
  contextExtensions?: Record<string, string>;
  /** Switches ext_authz off for this route. */
  extAuthzDisabled?: boolean;
  /** Instead of the listener's. */
  upstream?: Upstream;
  /** Added just before the upstream, so after ext_authz; Envoy's format, such as `%DYNAMIC_METADATA(…)%`. */
  requestHeadersToAdd?: Record<string, string>;
}

interface CommonListener {
  name: string;
  /** A free port by default. */
  port?: number;
  /** Without it the listener is plain text. */
  mtls?: ListenerTls;
  extAuthz?: ExtAuthz;
  upstream: Upstream;
}

export interface HttpListener extends CommonListener {
  kind?: 'http';
  /** `SIDECAR_XFCC` by default. */
  xfcc?: Xfcc;
  /** One route for everything by default. The first matching prefix wins. */
  routes?: Route[];
  /** Looked at before the host `*`, which has `routes`. */
  virtualHosts?: VirtualHost[];
  /** As Istio's gateways and outbound listeners have it. */
  ignorePortInHostMatching?: boolean;
  stripAnyHostPort?: boolean;
  stripTrailingHostDot?: boolean;
  /** True by default, as in Istio. */
  normalizePath?: boolean;
  /** An access log of text; Envoy writes the last of it when it ends. */
  accessLog?: { file: string; format: string };
  /** Off by default. On in Istio's MERGE_SLASHES, and with `unescapeSlashes` in its DECODE_AND_MERGE_SLASHES. */
  mergeSlashes?: boolean;
  unescapeSlashes?: boolean;
  /** Sends spans to an OTLP collector on this port. `share` percent of the requests without a parent get one. */
  tracing?: { port: number; share: number };
  /** KiB of headers that it takes; 60 by default. */
  maxHeadersKb?: number;
  /** HTTP filters placed after the authorization filters. */
  filtersAfter?: JsonObject[];
}

export interface TcpListener extends CommonListener {
  kind: 'tcp';
}

/** A listener as something else rendered it: a control plane, or a file that is published. */
export interface RenderedListener {
  kind: 'rendered';
  name: string;
  port?: number;
  /** The whole listener with this port, and the internal ones behind it. */
  render(port: number): JsonObject[];
  /** The clusters that it names. */
  clusters: JsonObject[];
}

export type Listener = HttpListener | TcpListener | RenderedListener;

export interface EnvoyOptions {
  listeners: Listener[];
  /** 1 by default. */
  concurrency?: number;
  logLevel?: 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';
}
