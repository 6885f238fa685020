import type { ExtAuthz, JsonObject } from './envoy-options.ts';

/**
 * The authorization filters as Istio's generator renders them for a CUSTOM AuthorizationPolicy, with the names of
 * Istio's golden files: an RBAC filter whose shadow rules only mark a request in dynamic metadata, then ext_authz that
 * runs where the mark is. The shadow action is DENY, so a match is written as `shadow_effective_policy_id`.
 */
const POLICY_PREFIX = 'istio-ext-authz-peerproof';
const SHADOW_PREFIX = 'istio_ext_authz_';
const MARK = `${SHADOW_PREFIX}shadow_effective_policy_id`;

const TYPE = 'type.googleapis.com/envoy.extensions.filters';
/** Long, so that only a test that sets its own timeout meets one. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** The clusters' name for the authorizer of a listener. */
export function authorizerCluster(listener: string): string {
  return `outbound|9001||peerproof.${listener}.svc.cluster.local`;
}

/** Seconds in protobuf's JSON form. */
export function seconds(ms: number): string {
  return `${ms / 1000}s`;
}

function exactPatterns(names: readonly string[] | undefined): JsonObject | undefined {
  return names && { patterns: names.map((name) => ({ exact: name, ignore_case: true })) };
}

function shadowRules(paths: readonly string[] | undefined): JsonObject {
  const permissions = paths?.map((path) => ({ url_path: { path: { exact: path } } })) ?? [{ any: true }];
  return {
    action: 'DENY',
    policies: {
      [`${POLICY_PREFIX}-ns[test]-policy[custom]-rule[0]`]: {
        permissions: [{ and_rules: { rules: [{ or_rules: { rules: permissions } }] } }],
        principals: [{ and_ids: { ids: [{ any: true }] } }],
      },
    },
  };
}

function enabledMetadata(rbacFilter: string): JsonObject {
  return {
    filter: rbacFilter,
    path: [{ key: MARK }],
    value: { string_match: { prefix: POLICY_PREFIX } },
  };
}

function grpcService(listener: string, options: ExtAuthz): JsonObject | undefined {
  return (
    options.grpc && {
      envoy_grpc: {
        cluster_name: authorizerCluster(listener),
        authority: options.grpc.authority ?? 'peerproof.test',
      },
      timeout: seconds(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    }
  );
}

function httpService(listener: string, options: ExtAuthz): JsonObject | undefined {
  const { http } = options;
  return (
    http && {
      path_prefix: http.pathPrefix,
      server_uri: {
        uri: 'http://peerproof.test',
        cluster: authorizerCluster(listener),
        timeout: seconds(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      },
      authorization_request: {
        headers_to_add: Object.entries(http.headersToAdd ?? {}).map(([key, value]) => ({ key, value })),
      },
      authorization_response: {
        allowed_upstream_headers: exactPatterns(http.allowedUpstreamHeaders),
        allowed_client_headers: exactPatterns(http.allowedClientHeaders),
      },
    }
  );
}

/** The HTTP filters for one listener, in order. */
export function httpAuthorization(listener: string, options: ExtAuthz): JsonObject[] {
  const { istioPair, statusOnError, withRequestBody: body } = options;
  const filters: JsonObject[] = [];
  if (istioPair) {
    filters.push({
      name: 'envoy.filters.http.rbac',
      typed_config: {
        '@type': `${TYPE}.http.rbac.v3.RBAC`,
        shadow_rules: shadowRules(istioPair === true ? undefined : istioPair.paths),
        shadow_rules_stat_prefix: SHADOW_PREFIX,
      },
    });
  }
  filters.push({
    name: 'envoy.filters.http.ext_authz',
    typed_config: {
      '@type': `${TYPE}.http.ext_authz.v3.ExtAuthz`,
      transport_api_version: 'V3',
      stat_prefix: 'peerproof',
      grpc_service: grpcService(listener, options),
      http_service: httpService(listener, options),
      failure_mode_allow: options.failureModeAllow,
      include_peer_certificate: options.includePeerCertificate,
      encode_raw_headers: options.encodeRawHeaders,
      status_on_error: statusOnError === undefined ? undefined : { code: statusOnError },
      allowed_headers: exactPatterns(options.allowedHeaders),
      with_request_body: body && {
        max_request_bytes: body.maxRequestBytes,
        allow_partial_message: body.allowPartialMessage,
        pack_as_bytes: body.packAsBytes,
      },
      filter_enabled_metadata: istioPair ? enabledMetadata('envoy.filters.http.rbac') : undefined,
      ...options.extra,
    },
  });
  return filters;
}

/** The network filters for a TCP listener, in order. Envoy's network filter asks over gRPC only. */
export function networkAuthorization(listener: string, options: ExtAuthz): JsonObject[] {
  if (!options.grpc) throw new TypeError('a TCP listener asks its authorizer over gRPC only');
  const filters: JsonObject[] = [];
  if (options.istioPair) {
    filters.push({
      name: 'envoy.filters.network.rbac',
      typed_config: {
        '@type': `${TYPE}.network.rbac.v3.RBAC`,
        shadow_rules: shadowRules(undefined),
        shadow_rules_stat_prefix: SHADOW_PREFIX,
        stat_prefix: 'tcp.',
      },
    });
  }
  filters.push({
    name: 'envoy.filters.network.ext_authz',
    typed_config: {
      '@type': `${TYPE}.network.ext_authz.v3.ExtAuthz`,
      transport_api_version: 'V3',
      stat_prefix: 'tcp.',
      grpc_service: grpcService(listener, options),
      failure_mode_allow: options.failureModeAllow,
      include_peer_certificate: options.includePeerCertificate,
      filter_enabled_metadata: options.istioPair ? enabledMetadata('envoy.filters.network.rbac') : undefined,
      ...options.extra,
    },
  });
  return filters;
}
