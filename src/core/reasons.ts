/**
 * Every reason that a decision can have. The decision log, the metrics, the dynamic metadata and the
 * documentation use the same names. A caller learns only `text`.
 */

/** One row: how a reason appears in the answer. */
export interface Reason {
  /** HTTP status of the answer. 503 is an outage, 500 a bug, every other status a denial. */
  readonly status: 200 | 400 | 401 | 403 | 413 | 500 | 503;
  /**
   * OAuth error code: RFC 6750 §3.1 (`invalid_request`, `invalid_token`, `insufficient_scope`), RFC 6749
   * §4.1.2.1 (`access_denied`, `temporarily_unavailable`, `server_error`) and §5.2 (`invalid_client`). Empty
   * if no credentials were sent (RFC 6750 §3).
   */
  readonly error: string;
  /** The same where the token came with the scheme DPoP (RFC 9449 §7.1). Absent: `error`. */
  readonly dpopError?: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** The `error_description` for the caller. Never contains anything that was sent or received. */
  readonly text: string;
}

const badRequest = (text: string): Reason => ({ status: 400, error: 'invalid_request', text });
const badToken = (text: string): Reason => ({ status: 401, error: 'invalid_token', text });
const badProof = (text: string, dpopError: Reason['dpopError'] = 'invalid_dpop_proof'): Reason => ({
  ...badToken(text),
  dpopError,
});
const badClient = (text: string): Reason => ({ status: 401, error: 'invalid_client', text });
const forbidden = (text: string): Reason => ({ status: 403, error: 'access_denied', text });
const outage = (text: string): Reason => ({ status: 503, error: 'temporarily_unavailable', text });

/** The rows are grouped by subject, roughly in the order of a check. */
export const reasons = {
  allowed: { status: 200, error: '', text: 'The request is allowed.' },
  public: { status: 200, error: '', text: 'The rule is public: every request is allowed.' },
  anonymous: { status: 200, error: '', text: 'The rule needs no token, and none was sent.' },
  observed: { status: 200, error: '', text: 'The request would be refused, but this is only observed.' },

  metadata_served: {
    status: 200,
    error: '',
    text: 'The document about the protected resource is the answer.',
  },

  check_too_large: { status: 413, error: 'invalid_request', text: 'The request is too large to be checked.' },
  check_malformed: badRequest('The check cannot be read.'),
  request_malformed: badRequest('The method, host or path of the request is missing or malformed.'),
  request_too_large: badRequest('The headers of the request are too large.'),
  path_ambiguous: badRequest('The path can be read in more than one way.'),
  proxy_not_allowed: forbidden('This proxy is not allowed to send checks.'),
  no_rule: forbidden('The request matches no rule.'),

  peer_missing: forbidden('A client certificate is required.'),
  peer_certificate_malformed: forbidden('The client certificate cannot be read.'),
  peer_certificate_unsuitable: forbidden('The client certificate cannot be used as a workload identity.'),
  peer_certificate_expired: forbidden('The client certificate has expired.'),
  peer_certificate_not_yet_valid: forbidden('The client certificate is not valid yet.'),
  peer_forwarded_malformed: forbidden('The forwarded client certificate cannot be read.'),
  peer_forwarded_ambiguous: forbidden('The forwarded client certificate can be read in more than one way.'),
  peer_own_sidecar: forbidden('The service is not configured for its own sidecar.'),
  peer_spiffe_id_invalid: forbidden('The client certificate has no valid SPIFFE ID.'),
  peer_trust_domain_not_allowed: forbidden('The client belongs to another trust domain.'),
  peer_chain_untrusted: forbidden(
    'The client certificate is not signed by an authority of its trust domain.',
  ),
  peer_not_allowed: forbidden('This workload is not allowed.'),

  txn_token_malformed: badRequest('The transaction token cannot be read.'),
  txn_token_untrusted: forbidden('The transaction token was not issued here.'),
  txn_token_trust_domain_mismatch: forbidden('The transaction token belongs to another trust domain.'),
  txn_token_expired: forbidden('The transaction token has expired.'),

  token_missing: { status: 401, error: '', text: 'An access token is required.' },
  authorization_malformed: badRequest('The Authorization header is malformed.'),
  authorization_ambiguous: badRequest('More than one access token was sent.'),
  body_unreadable: badRequest('The body of the token request cannot be read.'),
  assertion_ambiguous: badRequest('The client authenticates in more than one way.'),
  assertion_type_unsupported: badRequest('The type of the client assertion is not accepted.'),
  assertion_missing: badClient('A client assertion is required.'),
  token_too_large: badToken('The access token is too large.'),
  token_malformed: badToken('The access token is malformed.'),
  token_algorithm_not_allowed: badToken('The signature algorithm of the access token is not accepted.'),
  token_issuer_unknown: badToken('The access token comes from an unknown issuer.'),
  token_key_unknown: badToken('The access token is signed with an unknown key.'),
  token_signature_invalid: badToken('The access token has an invalid signature.'),
  token_review_refused: badToken('The cluster refused the access token.'),
  token_inactive: badToken('The access token is not active.'),
  token_type_not_allowed: badToken('A token of this type is not an access token.'),
  token_claim_malformed: badToken('A claim of the access token is missing or malformed.'),
  token_expired: badToken('The access token has expired.'),
  token_not_yet_valid: badToken('The access token is not valid yet.'),
  actor_malformed: badToken('The actor in the access token (act) cannot be read.'),
  actor_mismatch: badToken(
    'The access token names another actor (act) than the party that may act (may_act).',
  ),
  token_audience_mismatch: badToken('The access token was issued for another audience.'),
  token_revoked: badToken('The access token has been revoked.'),
  token_issuer_not_allowed: forbidden('Access tokens of this issuer are not accepted here.'),

  confirmation_malformed: badToken('The binding of the access token (cnf) cannot be read.'),
  confirmation_unsupported: badToken('The access token has an unsupported binding (cnf).'),
  confirmation_unproven: badToken('The access token is bound to a sender, and the sender was not proven.'),
  token_scheme_downgraded: badToken('The access token is accepted only with the scheme DPoP.'),
  proof_missing: badProof('A proof of possession is required.'),
  proof_ambiguous: badRequest('More than one proof of possession was sent.'),
  proof_too_large: badProof('The proof of possession is too large.'),
  proof_malformed: badProof('The proof of possession is malformed.'),
  proof_algorithm_not_allowed: badProof(
    'The signature algorithm of the proof of possession is not accepted.',
  ),
  proof_key_unsuitable: badProof('The key of the proof of possession is not accepted.'),
  proof_key_mismatch: badProof('The access token is bound to another key.'),
  proof_method_mismatch: badProof('The proof of possession was made for another method.'),
  proof_target_mismatch: badProof('The proof of possession was made for another address.'),
  proof_token_mismatch: badProof('The proof of possession was made for another access token.'),
  proof_expired: badProof('The proof of possession has expired.'),
  proof_not_yet_valid: badProof('The proof of possession is not valid yet.'),
  proof_nonce_missing: badProof(
    'The proof of possession must contain the nonce of this service.',
    'use_dpop_nonce',
  ),
  proof_nonce_expired: badProof(
    'The nonce in the proof of possession is unknown or has expired.',
    'use_dpop_nonce',
  ),
  proof_signature_invalid: badProof('The proof of possession has an invalid signature.'),
  binding_peer_missing: badToken('The access token is accepted only with a client certificate.'),
  binding_certificate_mismatch: badToken('The access token is bound to another client certificate.'),
  binding_workload_mismatch: badToken('The access token belongs to another workload.'),
  binding_missing: badToken('The access token does not name its sender.'),

  client_not_registered: badClient('The client is not registered for this workload.'),
  client_ambiguous: badRequest('The request does not say which of its clients the workload is.'),
  scope_missing: {
    status: 403,
    error: 'insufficient_scope',
    text: 'The access token lacks a required scope.',
  },
  claim_mismatch: forbidden('A claim of the access token does not meet the rule.'),
  service_account_not_allowed: forbidden('This ServiceAccount is not allowed.'),
  actor_missing: forbidden('The access token must name an actor.'),
  actor_not_allowed: forbidden('This actor is not allowed to act for the subject of the access token.'),
  email_not_verified: badToken('The e-mail address in the access token is not verified.'),
  group_not_allowed: forbidden('None of the groups in the access token is allowed.'),
  email_not_allowed: forbidden('The e-mail address in the access token is not allowed.'),
  condition_not_met: forbidden('The request does not meet the condition of the rule.'),
  condition_failed: forbidden('The condition of the rule could not be evaluated.'),
  proof_replayed: badProof('The proof or the assertion was used before.'),

  issuer_unavailable: outage('The keys of the token issuer are not available at the moment.'),
  api_server_unavailable: outage('The cluster of the token is not available at the moment.'),
  api_server_forbidden: outage('The cluster of the token does not accept requests from this service.'),
  introspection_unavailable: outage('The issuer of the token is not available at the moment.'),
  bundle_unavailable: outage('The authorities of the trust domain are not available at the moment.'),
  store_unavailable: outage('The memory of used proofs and revocations is not available at the moment.'),
  check_incomplete: outage('The check did not arrive completely.'),
  overloaded: outage('Too many checks are waiting at the moment.'),
  deadline_exceeded: outage('The check could not be finished in time.'),
  internal_error: { status: 500, error: 'server_error', text: 'The check failed.' },
} as const satisfies Record<string, Reason>;

export type ReasonName = keyof typeof reasons;

/** The rows that let a request in. */
export type AllowReason = 'allowed' | 'public' | 'anonymous' | 'observed';

/** The rows of answers that Peerproof gives itself. Such a request never reaches the application. */
export type AnswerReason = 'metadata_served';

/** The rows that refuse a request. A refusal has no other name, so it never reads like an allow. */
export type RefusalReason = Exclude<ReasonName, AllowReason | AnswerReason>;
