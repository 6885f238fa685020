import type { RefusalReason } from '../core/reasons.ts';
import { addActor } from './actor-changes.ts';
import { acceptProofOfToken, acceptWorkload, registerClient } from './binding-changes.ts';
import type { Propose } from './change.ts';
import { nameSidecar, readForwarded } from './door-changes.ts';
import { addExactRule } from './exact-rule.ts';
import { addPeer, addPeerSource, addTrustDomain } from './peer-changes.ts';
import { addClaimValue, addEmail, addServiceAccount } from './requirement-changes.ts';
import { coverRequest } from './route-changes.ts';
import {
  acceptAlgorithm,
  acceptIssuer,
  addAudience,
  correctIssuer,
  raiseTokenLength,
} from './token-changes.ts';

/** Who can do something about a refusal. */
export interface Remedy {
  /**
   * `configuration`: the people who write the rules. `proxy`: those who run the proxy or the mesh. `operator`:
   * those who run Peerproof. `caller` and `issuer`: those who send the request, and those who issue the token.
   */
  readonly who: 'configuration' | 'caller' | 'issuer' | 'proxy' | 'operator';
  /** Changes of the configuration that may let the request pass. */
  readonly changes: readonly Propose[];
}

const by = (who: Remedy['who'], ...changes: readonly Propose[]): Remedy => ({ who, changes });

/**
 * What can be done about each refusal. A requirement is never dropped, and what proves nothing (a token that
 * has expired, an invalid signature) is never accepted.
 */
export const remedies: Readonly<Record<RefusalReason, Remedy>> = {
  check_too_large: by('proxy'),
  check_malformed: by('proxy'),
  request_malformed: by('proxy'),
  request_too_large: by('caller'),
  path_ambiguous: by('caller'),
  proxy_not_allowed: by('configuration'),
  no_rule: by('configuration', coverRequest),

  peer_missing: by('proxy', addPeerSource, readForwarded),
  peer_certificate_malformed: by('proxy'),
  peer_certificate_unsuitable: by('caller'),
  peer_certificate_expired: by('caller'),
  peer_certificate_not_yet_valid: by('caller'),
  peer_forwarded_malformed: by('proxy'),
  peer_forwarded_ambiguous: by('proxy'),
  peer_own_sidecar: by('configuration', nameSidecar),
  peer_spiffe_id_invalid: by('caller'),
  peer_trust_domain_not_allowed: by('configuration', addTrustDomain),
  peer_chain_untrusted: by('proxy'),
  peer_not_allowed: by('configuration', addPeer),

  txn_token_malformed: by('caller'),
  txn_token_untrusted: by('caller'),
  txn_token_trust_domain_mismatch: by('caller'),
  txn_token_expired: by('caller'),

  token_missing: by('caller'),
  authorization_malformed: by('caller'),
  authorization_ambiguous: by('caller'),
  body_unreadable: by('proxy'),
  assertion_ambiguous: by('caller'),
  assertion_type_unsupported: by('caller'),
  assertion_missing: by('caller'),
  token_too_large: by('issuer', raiseTokenLength),
  token_malformed: by('caller'),
  token_algorithm_not_allowed: by('issuer', acceptAlgorithm),
  token_issuer_unknown: by('configuration', correctIssuer),
  token_key_unknown: by('issuer'),
  token_signature_invalid: by('caller'),
  token_review_refused: by('caller'),
  token_inactive: by('caller'),
  token_type_not_allowed: by('caller'),
  token_claim_malformed: by('issuer'),
  token_expired: by('caller'),
  token_not_yet_valid: by('issuer'),
  token_audience_mismatch: by('caller', addAudience),
  actor_malformed: by('issuer'),
  actor_mismatch: by('issuer'),
  token_revoked: by('caller'),
  token_issuer_not_allowed: by('configuration', acceptIssuer),

  confirmation_malformed: by('issuer'),
  confirmation_unsupported: by('issuer'),
  confirmation_unproven: by('configuration', acceptProofOfToken),
  token_scheme_downgraded: by('caller'),
  proof_missing: by('caller'),
  proof_ambiguous: by('caller'),
  proof_too_large: by('caller'),
  proof_malformed: by('caller'),
  proof_algorithm_not_allowed: by('caller'),
  proof_key_unsuitable: by('caller'),
  proof_key_mismatch: by('caller'),
  proof_method_mismatch: by('caller'),
  proof_target_mismatch: by('configuration'),
  proof_token_mismatch: by('caller'),
  proof_expired: by('caller'),
  proof_not_yet_valid: by('caller'),
  proof_nonce_missing: by('caller'),
  proof_nonce_expired: by('caller'),
  proof_signature_invalid: by('caller'),
  binding_peer_missing: by('proxy', addPeerSource, readForwarded),
  binding_certificate_mismatch: by('caller', acceptWorkload),
  binding_workload_mismatch: by('configuration', registerClient),
  binding_missing: by('configuration', acceptWorkload, registerClient),

  client_not_registered: by('configuration', registerClient),
  client_ambiguous: by('caller'),
  scope_missing: by('caller', addExactRule),
  claim_mismatch: by('configuration', addClaimValue),
  service_account_not_allowed: by('configuration', addServiceAccount),
  actor_missing: by('caller'),
  actor_not_allowed: by('configuration', addActor),
  email_not_verified: by('issuer'),
  group_not_allowed: by('issuer'),
  email_not_allowed: by('configuration', addEmail),
  condition_not_met: by('configuration'),
  condition_failed: by('configuration'),
  proof_replayed: by('caller'),

  issuer_unavailable: by('operator'),
  api_server_unavailable: by('operator'),
  api_server_forbidden: by('operator'),
  introspection_unavailable: by('operator'),
  bundle_unavailable: by('operator'),
  store_unavailable: by('operator'),
  check_incomplete: by('proxy'),
  overloaded: by('operator'),
  deadline_exceeded: by('operator'),
  internal_error: by('operator'),
};
