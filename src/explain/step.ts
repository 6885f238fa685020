import type { ReasonName, RefusalReason } from '../core/reasons.ts';

/** The steps of a check, in their order. */
export const stepNames = [
  'presented',
  'route',
  'peer',
  'token',
  'binding',
  'person',
  'requirements',
  'answer',
] as const;
export type StepName = (typeof stepNames)[number];

/** What one step had before it, and how it ended. */
export interface Step {
  readonly name: StepName;
  readonly outcome: 'passed' | 'stopped' | 'not reached';
  readonly lines: readonly string[];
}

/** The step that ends a check with this reason. */
const endings: Readonly<Record<RefusalReason, StepName>> = {
  check_too_large: 'presented',
  check_malformed: 'presented',
  request_malformed: 'presented',
  request_too_large: 'presented',
  proxy_not_allowed: 'presented',
  check_incomplete: 'presented',
  peer_own_sidecar: 'presented',
  path_ambiguous: 'route',
  no_rule: 'route',
  peer_missing: 'peer',
  peer_certificate_malformed: 'peer',
  peer_certificate_unsuitable: 'peer',
  peer_certificate_expired: 'peer',
  peer_certificate_not_yet_valid: 'peer',
  peer_forwarded_malformed: 'peer',
  peer_forwarded_ambiguous: 'peer',
  peer_spiffe_id_invalid: 'peer',
  peer_trust_domain_not_allowed: 'peer',
  peer_chain_untrusted: 'peer',
  peer_not_allowed: 'peer',
  bundle_unavailable: 'peer',
  txn_token_malformed: 'token',
  txn_token_untrusted: 'token',
  txn_token_trust_domain_mismatch: 'token',
  txn_token_expired: 'token',
  token_missing: 'token',
  authorization_malformed: 'token',
  authorization_ambiguous: 'token',
  body_unreadable: 'token',
  assertion_ambiguous: 'token',
  assertion_type_unsupported: 'token',
  assertion_missing: 'token',
  token_too_large: 'token',
  token_malformed: 'token',
  token_algorithm_not_allowed: 'token',
  token_issuer_unknown: 'token',
  token_key_unknown: 'token',
  token_signature_invalid: 'token',
  token_review_refused: 'token',
  token_inactive: 'token',
  token_type_not_allowed: 'token',
  token_claim_malformed: 'token',
  token_expired: 'token',
  token_not_yet_valid: 'token',
  token_audience_mismatch: 'token',
  actor_malformed: 'token',
  actor_mismatch: 'token',
  token_revoked: 'token',
  issuer_unavailable: 'token',
  api_server_unavailable: 'token',
  api_server_forbidden: 'token',
  introspection_unavailable: 'token',
  overloaded: 'token',
  deadline_exceeded: 'token',
  confirmation_malformed: 'binding',
  confirmation_unsupported: 'binding',
  confirmation_unproven: 'binding',
  token_scheme_downgraded: 'binding',
  proof_missing: 'binding',
  proof_ambiguous: 'binding',
  proof_too_large: 'binding',
  proof_malformed: 'binding',
  proof_algorithm_not_allowed: 'binding',
  proof_key_unsuitable: 'binding',
  proof_key_mismatch: 'binding',
  proof_method_mismatch: 'binding',
  proof_target_mismatch: 'binding',
  proof_token_mismatch: 'binding',
  proof_expired: 'binding',
  proof_not_yet_valid: 'binding',
  proof_nonce_missing: 'binding',
  proof_nonce_expired: 'binding',
  proof_signature_invalid: 'binding',
  binding_peer_missing: 'binding',
  binding_certificate_mismatch: 'binding',
  binding_workload_mismatch: 'binding',
  binding_missing: 'binding',
  client_not_registered: 'binding',
  client_ambiguous: 'binding',
  email_not_verified: 'person',
  group_not_allowed: 'person',
  email_not_allowed: 'person',
  token_issuer_not_allowed: 'requirements',
  scope_missing: 'requirements',
  claim_mismatch: 'requirements',
  service_account_not_allowed: 'requirements',
  actor_missing: 'requirements',
  actor_not_allowed: 'requirements',
  condition_not_met: 'requirements',
  condition_failed: 'requirements',
  proof_replayed: 'answer',
  store_unavailable: 'answer',
  internal_error: 'answer',
};

/** Undefined for an allow and for an answer: no step stops it. */
export function stepOf(reason: ReasonName): StepName | undefined {
  return isRefusal(reason) ? endings[reason] : undefined;
}

export function isRefusal(reason: ReasonName): reason is RefusalReason {
  return Object.hasOwn(endings, reason);
}
