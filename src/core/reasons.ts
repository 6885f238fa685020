/**
 * Every reason a decision can have, once. The name is the same in the decision log, the metric label, the dynamic
 * metadata and docs/reference/reasons.md (generated from this table); `text` is all that a caller learns.
 */

/** One row: how a reason looks on the wire. */
export interface Reason {
  /** HTTP status of the answer. 503 marks an outage, 500 a bug; every other status is a denial. */
  readonly status: 200 | 400 | 401 | 403 | 413 | 500 | 503;
  /**
   * OAuth error code: RFC 6750 §3.1 (`invalid_request`, `invalid_token`, `insufficient_scope`), RFC 6749 §4.1.2.1
   * (`access_denied`, `temporarily_unavailable`, `server_error`), §5.2 (`invalid_client`). Empty where RFC 6750 §3 wants none: no credentials
   * were sent.
   */
  readonly error: string;
  /** The `error_description` for the caller. Never holds anything that was sent or that an upstream said. */
  readonly text: string;
}

const badRequest = (text: string): Reason => ({ status: 400, error: 'invalid_request', text });
const badToken = (text: string): Reason => ({ status: 401, error: 'invalid_token', text });
const badClient = (text: string): Reason => ({ status: 401, error: 'invalid_client', text });
const forbidden = (text: string): Reason => ({ status: 403, error: 'access_denied', text });
const outage = (text: string): Reason => ({ status: 503, error: 'temporarily_unavailable', text });

/** The table. A row's place is the order in which the pipeline meets it. */
export const reasons = {
  allowed: { status: 200, error: '', text: 'The request may pass.' },
  public: { status: 200, error: '', text: 'The rule is public: anyone may pass.' },

  check_too_large: { status: 413, error: 'invalid_request', text: 'The request is too large to be checked.' },
  check_malformed: badRequest('The check cannot be read.'),
  request_malformed: badRequest('The check has no usable method, host or path.'),
  request_too_large: badRequest('The headers of the request are too large.'),
  path_ambiguous: badRequest('The path can be read in more than one way.'),
  proxy_not_allowed: forbidden('This proxy may not ask here.'),
  no_rule: forbidden('No rule covers this request.'),

  peer_missing: forbidden('A client certificate is required here.'),
  peer_certificate_malformed: forbidden('The client certificate cannot be read.'),
  peer_certificate_unsuitable: forbidden('The client certificate may not be used as a workload identity.'),
  peer_certificate_expired: forbidden('The client certificate has expired.'),
  peer_certificate_not_yet_valid: forbidden('The client certificate is not valid yet.'),
  peer_forwarded_malformed: forbidden('The forwarded client certificate cannot be read.'),
  peer_forwarded_ambiguous: forbidden('The forwarded client certificate can be read in more than one way.'),
  peer_own_sidecar: forbidden('The service is not configured for the sidecar that it stands behind.'),
  peer_spiffe_id_invalid: forbidden('The client certificate has no valid SPIFFE ID.'),
  peer_trust_domain_not_allowed: forbidden('The client belongs to another trust domain.'),
  peer_chain_untrusted: forbidden(
    'The client certificate is not signed by an authority of its trust domain.',
  ),
  peer_not_allowed: forbidden('This workload may not do that.'),

  token_missing: { status: 401, error: '', text: 'An access token is required.' },
  authorization_malformed: badRequest('The Authorization header is malformed.'),
  authorization_ambiguous: badRequest('More than one access token was sent.'),
  body_unreadable: badRequest('The body of the token request cannot be read.'),
  assertion_ambiguous: badRequest('The client authenticates in more than one way.'),
  assertion_type_unsupported: badRequest('The client assertion is of another type than jwt-bearer.'),
  assertion_missing: badClient('A client assertion is required.'),
  token_too_large: badToken('The access token is too large.'),
  token_malformed: badToken('The access token is malformed.'),
  token_algorithm_not_allowed: badToken('The access token is signed in a way that is not accepted.'),
  token_issuer_unknown: badToken('The access token comes from an unknown issuer.'),
  token_key_unknown: badToken('The access token is signed with an unknown key.'),
  token_signature_invalid: badToken('The access token has an invalid signature.'),
  token_review_refused: badToken('The access token was refused by its cluster.'),
  token_inactive: badToken('The access token is not active.'),
  token_type_not_allowed: badToken('A token of this type is not an access token.'),
  token_claim_malformed: badToken('A claim of the access token is missing or malformed.'),
  token_expired: badToken('The access token has expired.'),
  token_not_yet_valid: badToken('The access token is not valid yet.'),
  token_audience_mismatch: badToken('The access token was issued for another audience.'),
  token_issuer_not_allowed: forbidden('Access tokens of this issuer are not accepted here.'),

  confirmation_malformed: badToken('The access token is bound in a way that cannot be read.'),
  confirmation_unsupported: badToken('The access token is bound in a way that is not supported here.'),
  confirmation_unproven: badToken('The access token is bound to a sender and this was not proven.'),
  binding_peer_missing: badToken('The access token is only accepted together with a client certificate.'),
  binding_certificate_mismatch: badToken('The access token is bound to another client certificate.'),
  binding_workload_mismatch: badToken('The access token belongs to another workload.'),
  binding_missing: badToken('The access token does not say which sender it belongs to.'),

  client_not_registered: badClient('The client is not registered for this workload.'),
  scope_missing: {
    status: 403,
    error: 'insufficient_scope',
    text: 'The access token lacks a scope that is required here.',
  },
  claim_mismatch: forbidden('A claim of the access token does not meet the rule.'),
  service_account_not_allowed: forbidden('This ServiceAccount may not do that.'),
  email_not_verified: badToken('The e-mail address of the access token is not verified.'),
  group_not_allowed: forbidden('None of the groups of the access token may do that.'),
  email_not_allowed: forbidden('The e-mail address of the access token may not do that.'),
  condition_not_met: forbidden('The request does not meet the condition of the rule.'),
  condition_failed: forbidden('The condition of the rule could not be evaluated.'),

  issuer_unavailable: outage('The keys of the token issuer are not available at the moment.'),
  api_server_unavailable: outage('The cluster of the token cannot be asked at the moment.'),
  api_server_forbidden: outage('The cluster of the token does not answer this service.'),
  introspection_unavailable: outage('The issuer of the token cannot be asked at the moment.'),
  bundle_unavailable: outage('The authorities of the trust domain are not available at the moment.'),
  check_incomplete: outage('The check did not arrive as a whole.'),
  overloaded: outage('Too many checks wait for the issuer of the token.'),
  deadline_exceeded: outage('The check could not be finished in time.'),
  internal_error: { status: 500, error: 'server_error', text: 'The check failed.' },
} as const satisfies Record<string, Reason>;

/** The name of a row. */
export type ReasonName = keyof typeof reasons;

/** The names of the rows that keep a request out: a refusal can have no other, so none can read like an allow. */
export type RefusalReason = Exclude<ReasonName, 'allowed' | 'public'>;
