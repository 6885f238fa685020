import type { ExecutionContext } from 'ava';
import { type RefusalReason, reasons } from '../../src/core/reasons.ts';
import { headersOf } from './check-wire.ts';
import type { Answer } from './check-world.ts';

/**
 * How each refusal must look, written down a second time: HTTP status, gRPC code and the error of the challenge (RFC 6750
 * §3.1); null where there is no challenge, '' where it is bare.
 */
const badRequest = [400, 7, 'invalid_request'] as const;
const badToken = [401, 16, 'invalid_token'] as const;
const forbidden = [403, 7, null] as const;
const outage = [503, 7, null] as const;

export const expectedRefusals: Record<
  RefusalReason,
  readonly [status: number, code: number, challenge: string | null]
> = {
  check_too_large: [413, 7, 'invalid_request'],
  check_malformed: badRequest,
  request_malformed: badRequest,
  request_too_large: badRequest,
  path_ambiguous: badRequest,
  proxy_not_allowed: forbidden,
  no_rule: forbidden,
  peer_missing: forbidden,
  peer_certificate_malformed: forbidden,
  peer_certificate_unsuitable: forbidden,
  peer_certificate_expired: forbidden,
  peer_certificate_not_yet_valid: forbidden,
  peer_forwarded_malformed: forbidden,
  peer_forwarded_ambiguous: forbidden,
  peer_own_sidecar: [403, 7, null],
  peer_spiffe_id_invalid: forbidden,
  peer_trust_domain_not_allowed: forbidden,
  peer_chain_untrusted: forbidden,
  peer_not_allowed: forbidden,
  txn_token_malformed: badRequest,
  txn_token_untrusted: forbidden,
  txn_token_trust_domain_mismatch: forbidden,
  txn_token_expired: forbidden,
  token_missing: [401, 16, ''],
  authorization_malformed: badRequest,
  authorization_ambiguous: badRequest,
  body_unreadable: badRequest,
  assertion_ambiguous: badRequest,
  assertion_type_unsupported: badRequest,
  assertion_missing: [401, 16, null],
  token_too_large: badToken,
  token_malformed: badToken,
  token_algorithm_not_allowed: badToken,
  token_issuer_unknown: badToken,
  token_key_unknown: badToken,
  token_signature_invalid: badToken,
  token_review_refused: badToken,
  token_inactive: badToken,
  token_type_not_allowed: badToken,
  token_claim_malformed: badToken,
  token_expired: badToken,
  token_not_yet_valid: badToken,
  token_audience_mismatch: badToken,
  actor_malformed: badToken,
  actor_mismatch: badToken,
  token_revoked: badToken,
  token_issuer_not_allowed: forbidden,
  confirmation_malformed: badToken,
  confirmation_unsupported: badToken,
  confirmation_unproven: badToken,
  token_scheme_downgraded: badToken,
  proof_missing: badToken,
  proof_ambiguous: badRequest,
  proof_too_large: badToken,
  proof_malformed: badToken,
  proof_algorithm_not_allowed: badToken,
  proof_key_unsuitable: badToken,
  proof_key_mismatch: badToken,
  proof_method_mismatch: badToken,
  proof_target_mismatch: badToken,
  proof_token_mismatch: badToken,
  proof_expired: badToken,
  proof_not_yet_valid: badToken,
  proof_nonce_missing: badToken,
  proof_nonce_expired: badToken,
  proof_signature_invalid: badToken,
  binding_peer_missing: badToken,
  binding_certificate_mismatch: badToken,
  binding_workload_mismatch: badToken,
  binding_missing: badToken,
  client_not_registered: [401, 16, null],
  client_ambiguous: badRequest,
  scope_missing: [403, 7, 'insufficient_scope'],
  claim_mismatch: forbidden,
  service_account_not_allowed: forbidden,
  actor_missing: forbidden,
  actor_not_allowed: forbidden,
  email_not_verified: badToken,
  group_not_allowed: forbidden,
  email_not_allowed: forbidden,
  condition_not_met: forbidden,
  condition_failed: forbidden,
  proof_replayed: badToken,
  issuer_unavailable: outage,
  api_server_unavailable: outage,
  api_server_forbidden: outage,
  introspection_unavailable: outage,
  bundle_unavailable: outage,
  store_unavailable: outage,
  check_incomplete: outage,
  overloaded: outage,
  deadline_exceeded: outage,
  internal_error: [500, 7, null],
};

/** The reason, the effect, and all that Envoy and the caller get to see of it. */
export function isRefused(
  t: ExecutionContext,
  { decision, response }: Answer,
  reason: keyof typeof expectedRefusals,
  more: { scope?: string; title?: string } = {},
): void {
  const title = more.title ?? reason;
  const [status, code, error] = expectedRefusals[reason];
  t.is(decision.reason, reason, `${title}: ${'detail' in decision ? decision.detail : ''}`);
  t.is(decision.effect, status >= 500 ? 'unavailable' : 'deny', title);
  t.is(response.status?.code, code, title);
  t.is(response.okResponse, undefined, title);
  t.is(response.errorResponse, undefined, title);
  t.is(response.deniedResponse?.status?.code as number | undefined, status, title);
  const headers = headersOf(response.deniedResponse?.headers);
  const { rule } = decision.found;
  // A decision that was read from a log line has the name of its rule only.
  const isWit = rule?.credential === 'wit' || rule?.name === 'wit';
  const expected = isWit ? (status === 401 ? 'WPT' : undefined) : challengeOf(decision, reason, more.scope);
  t.is(headers['www-authenticate'], expected, title);
  t.is('dpop-nonce' in headers, error !== null && reason.startsWith('proof_nonce_'), title);
  t.is('retry-after' in headers, status === 503, title);
  const body = JSON.parse(response.deniedResponse?.body ?? '');
  t.deepEqual(Object.keys(body).sort(), ['decision_id', 'error', 'error_description'], title);
  t.is(body.error_description, reasons[reason].text, title);
}

/** The error of a proof that came with the scheme DPoP (RFC 9449 §7.1 and §8). */
export function dpopError(error: string, reason: string): string {
  if (!reason.startsWith('proof_') || error === 'invalid_request') return error;
  return reason.startsWith('proof_nonce_') ? 'use_dpop_nonce' : 'invalid_dpop_proof';
}

/** A challenge for each scheme that the rule accepts. The first is for the scheme that was sent. */
function challengeOf(
  { found: { rule, scheme } }: Answer['decision'],
  reason: keyof typeof expectedRefusals,
  scope?: string,
): string | undefined {
  const [, , error] = expectedRefusals[reason];
  if (error === null) return undefined;
  const schemes = {
    Bearer: { isAccepted: rule?.binding.join() !== 'dpop', params: 'realm="peerproof"' },
    DPoP: {
      isAccepted: rule?.binding.includes('dpop') ?? false,
      params: 'realm="peerproof", algs="ES256 PS256 EdDSA Ed25519"',
    },
  };
  const order = scheme === 'dpop' ? (['DPoP', 'Bearer'] as const) : (['Bearer', 'DPoP'] as const);
  const [first, ...others] = order.filter((name) => schemes[name].isAccepted);
  const sent = scheme === 'dpop' ? dpopError(error, reason) : error;
  const parts = [`${first} ${schemes[first ?? 'Bearer'].params}`];
  if (sent !== '') parts.push(`error="${sent}"`, `error_description="${reasons[reason].text}"`);
  if (scope !== undefined) parts.push(`scope="${scope}"`);
  return [...parts, ...others.map((name) => `${name} ${schemes[name].params}`)].join(', ');
}

/** Let in, and with an explicit status. */
export function isAllowed(t: ExecutionContext, { decision, response }: Answer, title = 'allowed'): void {
  t.is(decision.reason, 'allowed', `${title}: ${'detail' in decision ? decision.detail : ''}`);
  t.is(decision.effect, 'allow', title);
  t.is(response.status?.code, 0, title);
  t.truthy(response.okResponse, title);
  t.is(response.deniedResponse, undefined, title);
}
