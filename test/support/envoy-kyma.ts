import { presets } from '../../src/core/identity/presets.ts';
import type { ExtAuthz, HttpAuthorizer } from './envoy-options.ts';

/** What Kyma's and Istio's `headers` say, as an operator should write them. */
export const IN_CHECK = [
  ...['authorization', 'dpop', 'workload-identity-token', 'workload-proof-token', 'txn-token'],
  ...['x-forwarded-client-cert', 'x-request-id', 'traceparent'],
];
export const ON_ALLOW = Object.keys(presets.standard);
export const ON_DENY = [
  'www-authenticate',
  'dpop-nonce',
  'content-type',
  'cache-control',
  'retry-after',
  'x-decision-id',
];

/**
 * The ext_authz filter as Istio renders it for `envoyExtAuthzHttp`, which is the only kind of provider that Kyma's Istio
 * resource knows: lists of headers, and a prefix before the original path.
 */
export function kymaAuthorizer(http: HttpAuthorizer, more: Partial<ExtAuthz> = {}): ExtAuthz {
  return {
    http: { allowedUpstreamHeaders: ON_ALLOW, allowedClientHeaders: ON_DENY, ...http },
    allowedHeaders: IN_CHECK,
    istioPair: true,
    ...more,
  };
}
