import type { RefusalReason } from '../core/reasons.ts';

/** The usual cause of each refusal, and what an operator can do. The compiler requires one row for each reason. */
export const causes: Readonly<Record<RefusalReason, readonly [cause: string, remedy: string]>> = {
  check_too_large: [
    'The check is larger than `grpc.maxMessageBytes`. Usually the proxy sends a large body with it.',
    'Lower `max_request_bytes` of the filter, or raise `grpc.maxMessageBytes`. Checks without bodies are far smaller.',
  ],
  check_malformed: [
    'The message is not a CheckRequest: it does not decode, or it is compressed.',
    'Find the program that calls the gRPC port. Envoy does not send such messages.',
  ],
  request_malformed: [
    'The proxy sent a check without a usable method, host or path, or asked at a path that serves no checks.',
    'The detail names the part that is missing, and at a path of `http.forwardAuth` the header or the parameter. Compare `http.pathPrefix` and `http.forwardAuth` with the configuration of the proxy.',
  ],
  request_too_large: [
    'The headers and the path of the request are together larger than Peerproof reads.',
    'Lower the limits of the proxy (`max_request_headers_kb`, `max_headers_count`), or fix the client.',
  ],
  path_ambiguous: [
    'The path holds `//`, a dot segment, `;`, an escaped delimiter or another form that two servers can read differently.',
    'Fix the client, or let the proxy normalize paths (`normalize_path`, `path_with_escaped_slashes_action`).',
  ],
  proxy_not_allowed: [
    'A check for a path of `http.forwardAuth` came from an address that is not listed.',
    'Add the address of the proxy to `proxies`. Do not add the network of its clients.',
  ],
  no_rule: [
    'No rule matches the destination, host, method and path.',
    'The detail names the nearest rules, and the part of each that does not match. Add a rule, or correct `match`.',
  ],
  peer_missing: [
    'The rule names `peers`, and no peer with a SPIFFE ID was presented.',
    'The detail says why: the client did not use mTLS (Istio: STRICT), `http.xfcc` is `none`, `peers.from` leaves out the source, or the certificate has no SPIFFE ID.',
  ],
  peer_certificate_malformed: [
    'The certificate cannot be parsed, or more than one was sent.',
    'Look at how the certificate was issued and at the filter that forwards it.',
  ],
  peer_certificate_unsuitable: [
    'The certificate is a CA certificate, has several URI SANs, a weak key, or a usage that excludes TLS clients.',
    'Issue a leaf certificate that follows the X.509-SVID standard.',
  ],
  peer_certificate_expired: [
    'The certificate of the client has expired.',
    'Find out why the workload does not rotate its certificate. `peers.clockSkew` allows for clocks that differ.',
  ],
  peer_certificate_not_yet_valid: [
    'The certificate of the client is not valid yet: a clock is wrong.',
    'Synchronize the clocks of the client, the certificate authority and Peerproof.',
  ],
  peer_forwarded_malformed: [
    '`x-forwarded-client-cert` does not follow the grammar of Envoy, or it is in the JSON form.',
    'Find the proxy that writes the header. Peerproof supports the text form only.',
  ],
  peer_forwarded_ambiguous: [
    'The last element does not describe the peer of the proxy, or a gateway did not replace the header.',
    'Use SANITIZE_SET at gateways, APPEND_FORWARD at sidecars, and the right `http.xfcc`.',
  ],
  peer_own_sidecar: [
    'Peerproof stands behind a sidecar of its own, and `http.xfcc` is `direct`. The asking proxy would count as the client.',
    'Set `http.xfcc: {sidecar: …}`. The detail shows the value.',
  ],
  peer_spiffe_id_invalid: [
    'The certificate or header holds a URI that is not a valid SPIFFE ID.',
    'Correct the certificate template or the registration entry.',
  ],
  peer_trust_domain_not_allowed: [
    'The trust domain of the peer is not listed.',
    'Add it to `peers.trustDomains` if you want to believe its workloads.',
  ],
  peer_chain_untrusted: [
    'The trust domain has a bundle, and the certificate does not chain to it.',
    'Send intermediates (`chain: true`), and check that the bundle is current.',
  ],
  peer_not_allowed: [
    'The SPIFFE ID of the peer matches none of `require.peers`.',
    'The detail shows both. Add the workload to the rule, if it may call.',
  ],
  txn_token_malformed: [
    'The header `Txn-Token` does not hold exactly one Transaction Token, or a claim is missing.',
    'The detail names the mistake. Applications have to pass the token on as they received it. A gateway should remove the header from requests of clients.',
  ],
  txn_token_untrusted: [
    'The Transaction Token has another `iss`, or none of the keys in `identity.token.keyFiles` has signed it.',
    'The detail says which. All replicas need the same key files. Tokens of another service cannot be used here.',
  ],
  txn_token_trust_domain_mismatch: [
    '`aud` of the Transaction Token is not `identity.token.trustDomain`.',
    'The detail shows both. The token was made for another trust domain, and must not be sent to this one.',
  ],
  txn_token_expired: [
    'The Transaction Token has expired: the calls of this transaction took longer than it lives.',
    'Let the caller begin anew. If transactions take longer, raise `identity.token.lifetime`.',
  ],
  token_missing: [
    'The request has no access token, or it has one in another place than `Authorization: Bearer`.',
    'The detail names what was sent instead. Send the token in the `Authorization` header. Basic credentials, cookies and queries do not count.',
  ],
  authorization_malformed: [
    'The `Authorization` header is not `Bearer`, one space and one token.',
    'The detail names the mistake. Fix the client. Look for line breaks and for quotes around the token.',
  ],
  authorization_ambiguous: [
    'The request carries two tokens: two headers, or a header and a query parameter.',
    'Send one token. Check whether a proxy adds a second header.',
  ],
  body_unreadable: [
    'The form of the token request is missing, cut off, compressed, too large or not a form.',
    'Raise `max_request_bytes` of the filter and send `application/x-www-form-urlencoded`.',
  ],
  assertion_ambiguous: [
    'The client authenticates in two ways, or a client parameter occurs twice.',
    'Send `client_id`, `client_assertion` and `client_assertion_type` once each, in the body. A rule with `client-certificate` takes only `client_id`.',
  ],
  assertion_type_unsupported: [
    '`client_assertion_type` is neither `jwt-bearer` nor `jwt-spiffe`, each after `urn:ietf:params:oauth:client-assertion-type:`; or it is `jwt-spiffe`, and the rule does not accept it.',
    'The detail says which. Send one of the two values, or set `require.authorizationServer` in the rule for `jwt-spiffe`.',
  ],
  assertion_missing: [
    'The token request has no client assertion, or the proxy did not send the body.',
    'The detail says which. Set `with_request_body` on the filter (Istio: `includeRequestBodyInCheck`). Over HTTP, let it send `content-type` and `x-envoy-auth-partial-body` too.',
  ],
  token_too_large: [
    'The token is longer than `limits.tokenLength`.',
    'Raise the limit, or issue smaller tokens.',
  ],
  token_malformed: [
    'The token is not a JWT, and no introspection issuer is accepted here; or its JWT form is broken.',
    'Decode the token. For opaque tokens, name the introspection issuer in the rule.',
  ],
  token_algorithm_not_allowed: [
    '`alg` is `none`, symmetric, or not in `algorithms` of the issuer.',
    'The detail names `alg` and what the issuer may use. Let the issuer sign with an asymmetric algorithm, or add it to `algorithms`.',
  ],
  token_issuer_unknown: [
    '`iss` does not equal any configured issuer, character by character.',
    'The detail names the issuer that differs only in the final slash, case or scheme. Otherwise compare `iss` with `issuers.<name>.issuer`.',
  ],
  token_key_unknown: [
    'The issuer has no key with the `kid` of the token, or the key is for another algorithm.',
    'The detail shows the known keys, their age, and how long `coolDown` still lasts. After a rotation, wait for it.',
  ],
  token_signature_invalid: [
    'The signature does not belong to the token and the key.',
    'The token was changed, or it comes from another issuer that uses the same `iss`.',
  ],
  token_review_refused: [
    'The API server does not accept the ServiceAccount token.',
    'The detail quotes the API server. The pod, ServiceAccount or Secret may be gone.',
  ],
  token_inactive: ['The authorization server says that the token is not active.', 'Get a new token.'],
  token_type_not_allowed: [
    'The token is an ID token, a refresh token or of another type that does not count here.',
    'Send an access token. Compare `accept` of the issuer and `credential` of the rule.',
  ],
  token_claim_malformed: [
    'A registered claim is missing or has the wrong type. Usually `exp` is missing.',
    'The detail names the claim. Correct the issuer.',
  ],
  token_expired: ['`exp` has passed.', 'Refresh tokens earlier. `clockSkew` allows for clocks that differ.'],
  token_not_yet_valid: [
    '`nbf` is in the future.',
    'Synchronize the clocks, or raise `clockSkew` of the issuer.',
  ],
  token_audience_mismatch: [
    '`aud` names none of the audiences of the issuer.',
    'The detail shows what was wanted. Request the token for this service, or add its audience to `audiences`.',
  ],
  actor_malformed: [
    '`act` or `may_act` is not an object with a `sub` or a `client_id`, or the chain has more than eight actors.',
    'The detail names the mistake. Correct the authorization server.',
  ],
  actor_mismatch: [
    'The token says in `may_act` that one party may act for its subject, and names another party in `act`.',
    'The detail names both. Correct the authorization server, which must not issue such a token.',
  ],
  token_revoked: [
    'The token, its subject, client, session or workload was revoked after it was issued.',
    'The detail shows what was revoked, and by whom. Get a new token. `peerproof revoke --list` shows all revocations, and `--undo` takes one back.',
  ],
  token_issuer_not_allowed: [
    'The rule does not accept this issuer.',
    'The detail shows both. Add the issuer to `require.issuers`, if its tokens may be used here.',
  ],
  confirmation_malformed: [
    '`cnf` is not an object, or the thumbprint is not a SHA-256 in base64url.',
    'Correct the authorization server.',
  ],
  confirmation_unsupported: [
    '`cnf` holds a member that no proof is for, or two members.',
    'The detail names the member. Let the issuer bind its tokens in a way that a proof is for.',
  ],
  confirmation_unproven: [
    'The token has a `cnf`, and the rule accepts none of the proofs that it asks for.',
    'The detail names the member of `cnf`. Add the proof for it to `require.binding`.',
  ],
  token_scheme_downgraded: [
    'The token is bound to a key (`cnf.jkt`), and it was sent as `Bearer`.',
    'Send it as `Authorization: DPoP`, with a proof in the header `DPoP`. If an honest client cannot have sent it, treat the token as stolen.',
  ],
  proof_missing: [
    'The token is bound to a key, and the request has no header with the proof.',
    'Let the client send the proof. Check that the proxy passes the header on.',
  ],
  proof_ambiguous: [
    'The request has the header of the proof twice. Envoy joins two headers with a comma.',
    'Send one proof. Check whether a proxy adds a second header.',
  ],
  proof_too_large: [
    'The proof is longer than any honest proof.',
    'The detail has the limit. Leave out what the standard does not ask for, such as `x5c` in the key.',
  ],
  proof_malformed: [
    'The proof is not a JWT of the right `typ`, or a claim or its key is missing or malformed.',
    'The detail names the part. Fix the client.',
  ],
  proof_algorithm_not_allowed: [
    '`alg` of the proof is `none`, symmetric, or not in the list of accepted algorithms.',
    'The detail names `alg` and the list. `WWW-Authenticate` names it to the client.',
  ],
  proof_key_unsuitable: [
    'The key of the proof is symmetric, too short, of an unknown type, or does not fit `alg`.',
    'Let the client make a key on P-256, or an RSA key of 2048 bits or more.',
  ],
  proof_key_mismatch: [
    'The token is bound to another key than the one that signed the proof: it was stolen, or the client made a new key.',
    'The detail shows both thumbprints. After a change of the key, get a new token. Otherwise treat the token as stolen.',
  ],
  proof_method_mismatch: [
    'The proof was made for a request with another method.',
    'The detail shows both. Make a new proof for each request. An honest client never sends a proof twice.',
  ],
  proof_target_mismatch: [
    'The proof was made for another address than the one that Peerproof sees.',
    'The detail shows both. Behind a gateway that changes scheme or host, set the external origin.',
  ],
  proof_token_mismatch: [
    'The proof was made for another access token, or for none.',
    'The proof must hold the hash of the token that is sent with it.',
  ],
  proof_expired: [
    'The proof is older than it may be.',
    'Make a new proof for each request. The detail shows when it was made. Synchronize the clocks, or ask for nonces.',
  ],
  proof_not_yet_valid: [
    'The proof was made in the future, or it expires too far ahead (WPT): a clock is wrong, or the client makes such proofs.',
    'Synchronize the clocks. The detail shows the time. A proof of a WIT must expire within `wit.lifetime`.',
  ],
  proof_nonce_missing: [
    'The service asks for a nonce, and the proof has none. Each client is refused once with this reason.',
    'The client must repeat the request with the nonce of the answer. The libraries do that by themselves.',
  ],
  proof_nonce_expired: [
    'The nonce in the proof is older than it may be, or another service or another replica made it.',
    'The client must repeat the request with the nonce of the answer. With several replicas, all need the same key for nonces.',
  ],
  proof_signature_invalid: [
    'The signature of the proof does not belong to its key.',
    'The proof was changed, or the client signs with another key than the one that it shows.',
  ],
  binding_peer_missing: [
    'The rule needs a peer, and none was presented.',
    'The detail says why. Use mTLS, send `x-forwarded-client-cert` or the certificate, and check `peers.from` and `http.xfcc`.',
  ],
  binding_certificate_mismatch: [
    'The token is bound to another certificate: it was stolen, or the workload rotated its certificate.',
    'The detail says whether the workload is the same. After a rotation, get a new token, or accept the proof `workload`. If it is another workload, treat the token as stolen.',
  ],
  binding_workload_mismatch: [
    'The peer is not the workload that the token belongs to.',
    'The detail names both. If the peer may use the token, register it in `clients`.',
  ],
  binding_missing: [
    'The token names no certificate, workload or registered client.',
    'Register the client in `clients`, or let the issuer add `cnf`.',
  ],
  client_not_registered: [
    'The client of the token request is not registered for this workload.',
    'Add the workload to `clients`.',
  ],
  client_ambiguous: [
    'The token request has no `client_id`, and several clients are registered for the workload.',
    'The detail names them. Send `client_id`, or register the workload for one client only.',
  ],
  scope_missing: [
    'The token lacks a scope of the rule.',
    'The detail shows what the token has. Request the scope. `WWW-Authenticate` names it.',
  ],
  claim_mismatch: [
    'A claim is missing or has another value.',
    'The detail shows the value that was found, and those that were wanted.',
  ],
  service_account_not_allowed: [
    'The token belongs to another ServiceAccount, namespace or pod, or it is not a ServiceAccount token.',
    'The detail names what the token belongs to.',
  ],
  actor_missing: [
    'The rule wants a token that somebody uses for its subject, and the token has no `act`.',
    'Exchange the token for one with an actor (RFC 8693), or set `actors.optional`.',
  ],
  actor_not_allowed: [
    'An actor of the token is not one that the rule names for this subject, or the chain of actors is too long.',
    'The detail names the actor and those that the rule accepts. Add it to `actors.allow`, if it may act for this subject.',
  ],
  email_not_verified: [
    'The token has `email_verified: false` (preset `oauth2-proxy`).',
    'Verify the address at the issuer, or set `identity.allowInsecureUnverifiedEmail`.',
  ],
  group_not_allowed: [
    'The proxy requires a group that the token lacks.',
    'Compare `allowed_groups` with the claim in `identity.claims.groups`.',
  ],
  email_not_allowed: [
    'The e-mail address or its domain is not listed.',
    'Compare `emails` and `emailDomains` with the token.',
  ],
  condition_not_met: [
    'The condition in `when` is false.',
    'The detail shows the condition and the values that it read.',
  ],
  condition_failed: [
    'The condition reads something that is missing, compares different types, or could take too many steps.',
    'The detail names what is missing. Guard optional values with `has(...)`.',
  ],
  proof_replayed: [
    'The same proof was sent before, or an assertion of an issuer with `singleUse`. Each is accepted once: somebody recorded it, or the client tried again with its old one.',
    'Look for another line with the same subject. The client must make a new proof for each request, and get a new assertion. If the issuer gives out the same assertion twice, remove `singleUse`.',
  ],
  issuer_unavailable: [
    'The keys of the issuer are missing or older than `keep`.',
    'Look at the failure in the log and in `/readyz`.',
  ],
  api_server_unavailable: [
    'The API server did not answer a TokenReview in time.',
    'Look at the network path and at the load of the API server.',
  ],
  api_server_forbidden: [
    'Peerproof may not create TokenReviews.',
    'Grant `create` on `tokenreviews`: add `kustomize/components/token-review/`, or set `tokenReview: true` in the Helm chart.',
  ],
  introspection_unavailable: [
    'The introspection endpoint did not answer in time.',
    'Look at the failure in the log.',
  ],
  bundle_unavailable: [
    'The bundle of the trust domain is missing or older than `keep`.',
    'Look at the failure in the log and in `/readyz`.',
  ],
  store_unavailable: [
    'The store of used proofs did not answer in time, its memory is full, or the revocations cannot be read.',
    'The detail says which. Look at the store, or raise `limits.usedProofMemory`.',
  ],
  check_incomplete: [
    'The message of the check stopped in the middle, or too many unfinished messages were under way.',
    'Look at the network between the proxy and Peerproof.',
  ],
  overloaded: [
    'Too many checks wait for an issuer, or for the store.',
    'The detail says for which. Find out why it is slow. Raise `limits`, or add replicas.',
  ],
  deadline_exceeded: [
    'The check was not finished within the timeout of the proxy or `limits.checkTimeout`.',
    'Find the slow issuer, or raise the timeout of the proxy. Use at least one second.',
  ],
  internal_error: ['A bug in Peerproof.', 'Report it with the line of the log that has this `decision_id`.'],
};
