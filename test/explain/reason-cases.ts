import { Denial, DependencyError } from '../../src/core/denial.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import type { RefusalReason } from '../../src/core/reasons.ts';
import { evidenceFor, type Presented } from '../support/check-world.ts';
import { createDpopClient, type ProvenRequest } from '../support/dpop-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, NOW_SECONDS } from '../support/token-fixture.ts';
import { cluster, corp, rs512, workloads } from './reason-world.ts';

/** A check that ends with a reason, and what its explanation must say. */
export interface ReasonCase {
  readonly evidence: Evidence;
  /** In the explanation of its log line. */
  readonly words: RegExp;
  /** In the added lines of the proposed change; absent: nothing is proposed. */
  readonly change?: RegExp;
}

const { shop, shopRotated, till, foreign } = workloads;
const claims = { client_id: 'shop', scope: 'orders.read' };
const sign = (more: object = {}, header: Record<string, unknown> = {}) =>
  corp.sign(goodClaims({ ...claims, ...more }), header);
const bound = (more: object = {}) => sign({ cnf: { 'x5t#S256': shop.thumbprint }, ...more });

/** The shop reads an order with its own token, but for these parts. */
const shopSends = (parts: Presented, words: RegExp, change?: RegExp): ReasonCase => ({
  evidence: evidenceFor({ path: '/orders/7', certificate: shop, token: sign(), ...parts }),
  words,
  ...(change && { change }),
});
const withClaims = (more: object, words: RegExp, change?: RegExp) =>
  shopSends({ token: sign(more) }, words, change);

const [holder, other] = await Promise.all([createDpopClient(), createDpopClient()]);
const keyed = sign({ cnf: { jkt: holder.thumbprint } });
const keyedUrl = 'https://orders.example.com/keyed/1';
const keyedSends = (parts: Presented, words: RegExp) =>
  shopSends({ path: '/keyed/1', authorization: `DPoP ${keyed}`, ...parts }, words);
/** With a proof that differs from a good one in these parts. */
const proven = (parts: Partial<ProvenRequest>, words: RegExp) =>
  keyedSends({ headers: { dpop: holder.proof({ token: keyed, url: keyedUrl, ...parts }) } }, words);

const plain = evidenceFor({ path: '/orders/7' });
/** What a door or an issuer says by itself: no evidence leads to it here. */
const flaw = (reason: RefusalReason, detail: string, words: RegExp): ReasonCase => ({
  evidence: { ...plain, flaw: new Denial(reason, detail) },
  words,
});
const outage = (reason: RefusalReason, words: RegExp): ReasonCase => ({
  evidence: { ...plain, outage: new DependencyError(reason, `login: ${reason}`, 1) },
  words,
});

const form = (parts: Record<string, string>): Presented => ({
  method: 'POST',
  path: '/token',
  token: undefined as never,
  authorization: undefined as never,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(parts).toString(),
});
const assertion = {
  client_id: 'shop',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
};
const account = (name: string) =>
  cluster.sign({
    ...goodClaims({
      iss: 'https://kubernetes.example.com',
      sub: `system:serviceaccount:applications:${name}`,
    }),
    'kubernetes.io': { namespace: 'applications', serviceaccount: { name } },
  });

export const reasonCases: Readonly<Record<RefusalReason, ReasonCase>> = {
  check_too_large: flaw('check_too_large', '9 MB', /raise grpc\.maxMessageBytes/),
  check_malformed: flaw('check_malformed', 'no message', /Find the program that calls the gRPC port/),
  request_malformed: shopSends({ host: 'a b' }, /request_malformed – host: /),
  request_too_large: flaw('request_too_large', 'more than 60 KiB', /headers and the path .* together larger/),
  path_ambiguous: shopSends({ path: '/orders//7' }, /path_ambiguous – an empty segment/),
  proxy_not_allowed: flaw('proxy_not_allowed', '10.0.0.9 is not in proxies', /10\.0\.0\.9 is not in proxies/),
  no_rule: shopSends(
    { host: 'orders.eu.example.com' },
    /not read: host orders\.example\.com does not match orders\.eu\.example\.com/,
    /orders\.eu\.example\.com/,
  ),

  peer_missing: shopSends(
    { path: '/team/1', certificate: undefined as never },
    /wants one of \[spiffe:.*\/shop\]/,
  ),
  peer_certificate_malformed: {
    evidence: { ...plain, peer: { certificate: 'what is this' } },
    words: /not one PEM certificate/,
  },
  peer_certificate_unsuitable: shopSends(
    {
      certificate: await workloads.issue({ uris: ['spiffe://cluster.local/a', 'spiffe://cluster.local/b'] }),
    },
    /2 URI SANs/,
  ),
  peer_certificate_expired: shopSends(
    { certificate: await workloads.issue({ notBefore: new Date(0), notAfter: new Date(1_000) }) },
    /peer_certificate_expired – valid until 1970/,
  ),
  peer_certificate_not_yet_valid: shopSends(
    {
      certificate: await workloads.issue({
        notBefore: new Date(Date.UTC(2040, 0)),
        notAfter: new Date(Date.UTC(2041, 0)),
      }),
    },
    /valid from 2040/,
  ),
  peer_forwarded_malformed: flaw('peer_forwarded_malformed', 'no = in an element', /no = in an element/),
  peer_forwarded_ambiguous: flaw('peer_forwarded_ambiguous', 'the last element is not by x', /SANITIZE_SET/),
  peer_own_sidecar: flaw(
    'peer_own_sidecar',
    'By is spiffe://cluster.local/ns/p/sa/p',
    /http\.xfcc: \{sidecar/,
  ),
  peer_spiffe_id_invalid: shopSends(
    { certificate: await workloads.issue({ uris: ['spiffe://cluster.local/a%20b'] }) },
    /peer_spiffe_id_invalid – /,
  ),
  peer_trust_domain_not_allowed: shopSends(
    { path: '/bearer/1', certificate: foreign },
    /evil\.example.*[\s\S]*trust domains \[cluster\.local\]/,
    /evil\.example/,
  ),
  peer_chain_untrusted: flaw('peer_chain_untrusted', 'no path to an authority', /chain: true/),
  peer_not_allowed: shopSends(
    { path: '/team/1', certificate: till },
    /the peer is spiffe:.*\/till/,
    /applications\/sa\/till/,
  ),

  txn_token_malformed: flaw('txn_token_malformed', 'typ is "JWT"', /exactly one Transaction Token/),
  txn_token_untrusted: flaw('txn_token_untrusted', 'iss is "https://x"', /another iss/),
  txn_token_trust_domain_mismatch: flaw(
    'txn_token_trust_domain_mismatch',
    'aud is "x", and not cluster.local',
    /another trust domain/,
  ),
  txn_token_expired: flaw('txn_token_expired', 'expired 2030-01-15', /took longer than it lives/),

  token_missing: shopSends({ token: undefined as never }, /no access token/),
  authorization_malformed: shopSends({ authorization: 'Bearer  two' }, /Bearer/),
  authorization_ambiguous: shopSends({ authorization: 'Bearer a,Bearer b' }, /several Authorization/),
  body_unreadable: shopSends({ ...form({}), body: 'a;b' }, /semicolon/),
  assertion_ambiguous: shopSends(form({ ...assertion, client_secret: 'x' }), /client secret/),
  assertion_type_unsupported: shopSends(
    form({ ...assertion, client_assertion: account('shop'), client_assertion_type: 'x' }),
    /not jwt-bearer/,
  ),
  assertion_missing: shopSends(form(assertion), /no client_assertion/),
  token_too_large: shopSends(
    { token: sign({ big: 'x'.repeat(4_000) }) },
    /more than 4096/,
    /tokenLength: \d{4}/,
  ),
  token_malformed: shopSends({ token: 'opaque' }, /not a JWT/),
  token_algorithm_not_allowed: shopSends({ token: rs512.sign(goodClaims(claims)) }, /RS512/, /RS512/),
  token_issuer_unknown: withClaims(
    { iss: 'https://login.example.com/' },
    /https:\/\/login\.example\.com\//,
    /issuer: https:\/\/login\.example\.com\/$/m,
  ),
  token_key_unknown: shopSends({ token: createSigner('ES256').sign(goodClaims(claims)) }, /login has no key/),
  token_signature_invalid: shopSends(
    { token: `${sign().slice(0, -86)}${sign({ sub: 'bob' }).slice(-86)}` },
    /the signature does not belong/,
  ),
  token_review_refused: flaw('token_review_refused', 'the pod is gone', /the pod is gone/),
  token_inactive: flaw('token_inactive', 'active is false', /not active/),
  token_type_not_allowed: shopSends(
    { path: '/strict/1', token: sign({ iss: 'https://strict.example.com' }) },
    /token_type_not_allowed – /,
  ),
  token_claim_malformed: withClaims({ exp: undefined }, /exp is missing/),
  token_expired: withClaims({ exp: NOW_SECONDS - 100 }, /expired 2030-01-15T11:58:20/),
  token_not_yet_valid: withClaims({ nbf: NOW_SECONDS + 100 }, /valid from 2030-01-15T12:01:40/),
  actor_malformed: withClaims({ act: 'shop' }, /act is not an object/),
  actor_mismatch: withClaims(
    { act: { sub: 'shop' }, may_act: { sub: 'till' } },
    /the actor is "shop", and may_act names "till"/,
  ),
  token_audience_mismatch: withClaims(
    { aud: 'billing' },
    /the token is for \["billing"\], and the issuer login accepts \["orders"\]/,
    /billing/,
  ),
  token_revoked: flaw('token_revoked', 'jti "t-1" is revoked', /jti "t-1" is revoked[\s\S]*Get a new token/),
  token_issuer_not_allowed: withClaims(
    { iss: 'https://partner.example.net' },
    /does not accept tokens of partner/,
    /partner/,
  ),

  confirmation_malformed: withClaims({ cnf: 'x' }, /cnf is not an object/),
  confirmation_unsupported: withClaims({ cnf: { kid: 'x' } }, /cnf\.kid/),
  confirmation_unproven: shopSends(
    { path: '/bearer/1', token: bound() },
    /the token has a cnf/,
    /certificate/,
  ),
  token_scheme_downgraded: shopSends(
    { path: '/keyed/1', token: keyed },
    /the token has a cnf\.jkt, and it was sent as Bearer/,
  ),
  proof_missing: keyedSends({ headers: {} }, /proof_missing – dpop: the header is missing/),
  proof_ambiguous: keyedSends({ headers: { dpop: 'a,b' } }, /dpop: several values/),
  proof_too_large: proven({ claims: { more: 'x'.repeat(8_000) } }, /more than 8192/),
  proof_malformed: proven({ claims: { jti: undefined } }, /jti is not a text/),
  proof_algorithm_not_allowed: proven(
    { header: { alg: 'HS256' } },
    /alg "HS256" is not accepted: algorithms are ES256/,
  ),
  proof_key_unsuitable: proven({ header: { jwk: { kty: 'oct', k: 'x' } } }, /the key is symmetric/),
  proof_key_mismatch: keyedSends(
    { headers: { dpop: other.proof({ token: keyed, url: keyedUrl }) } },
    new RegExp(`bound to ${holder.thumbprint}, the thumbprint of the proof is ${other.thumbprint}`),
  ),
  proof_method_mismatch: proven({ claims: { htm: 'POST' } }, /htm is "POST", the method is GET/),
  proof_target_mismatch: proven(
    { url: 'https://api.example.com/keyed/1' },
    /htu is https:\/\/api\.example\.com\/keyed\/1, the request is for https:\/\/orders\.example\.com\/keyed\/1/,
  ),
  proof_token_mismatch: proven({ claims: { ath: 'x' } }, /ath is "x", the SHA-256 of the token is [\w-]{43}/),
  proof_expired: proven({ claims: { iat: NOW_SECONDS - 600 } }, /the proof was made 2030-01-15T11:50:00/),
  proof_not_yet_valid: proven(
    { claims: { iat: NOW_SECONDS + 600 } },
    /the proof was made 2030-01-15T12:10:00/,
  ),
  proof_nonce_missing: flaw('proof_nonce_missing', 'dpop: nonce is missing', /Each client is refused once/),
  proof_nonce_expired: flaw('proof_nonce_expired', 'dpop: nonce is "x"', /all need the same key for nonces/),
  proof_signature_invalid: proven({ signer: other.signer }, /proof_signature_invalid – dpop: alg ES256/),
  binding_peer_missing: shopSends(
    { certificate: undefined as never, token: bound() },
    /no peer was verified/,
  ),
  binding_certificate_mismatch: shopSends(
    { path: '/bound/1', certificate: shopRotated, token: bound() },
    /thumbprint/,
    /binding: \[certificate, workload\]|- workload/,
  ),
  binding_workload_mismatch: shopSends(
    { certificate: till },
    /belongs to client "?shop"?.*till/,
    /applications\/sa\/till/,
  ),
  binding_missing: withClaims({ client_id: 'kiosk' }, /client "?kiosk"? is not registered/, /kiosk/),

  client_not_registered: shopSends(
    form({ ...assertion, client_id: 'kiosk', client_assertion: account('shop') }),
    /kiosk.*not registered/,
    /kiosk/,
  ),
  client_ambiguous: shopSends(
    { ...form({ grant_type: 'client_credentials' }), path: '/certificate-token' },
    /names no client_id.*registered for shop, batch/,
  ),
  scope_missing: shopSends(
    { method: 'POST' },
    /missing: orders\.write; the token has .?orders\.read/,
    /name: write-exact/,
  ),
  claim_mismatch: shopSends(
    { path: '/tenant/1', token: sign({ tenant: 'red' }) },
    /tenant is "red"/,
    /\[blue, red\]/,
  ),
  service_account_not_allowed: shopSends(
    { path: '/account/1', token: account('till'), certificate: till },
    /the ServiceAccount is applications\/till/,
    /applications\/till/,
  ),
  actor_missing: shopSends(
    { path: '/acting/1' },
    /the rule wants up to 1 in a chain, \[shop\] for \[alice\], the token has none/,
  ),
  actor_not_allowed: shopSends(
    { path: '/acting/1', token: sign({ sub: 'bob', act: { sub: 'shop' } }) },
    /the current actor is "shop"; for "bob" the rule accepts nobody/,
    /who:\s*- shop|who: \[shop\]|shop/,
  ),
  email_not_verified: flaw('email_not_verified', 'email_verified is false', /email_verified/),
  group_not_allowed: {
    evidence: { ...evidenceFor({ path: '/bearer/1', token: sign() }), allowLists: { groups: ['admins'] } },
    words: /the token does not have groups; the proxy wants one of admins/,
  },
  email_not_allowed: shopSends(
    { path: '/people/1', token: sign({ email: 'bob@example.com' }) },
    /the address is not in the list of the rule[\s\S]*the addresses \[ann@example\.com\]/,
  ),
  condition_not_met: shopSends(
    { path: '/office/1', token: sign({ floor: 'first' }) },
    /condition of the rule office is false: claims\.floor == 'third'/,
  ),
  condition_failed: shopSends({ path: '/office/1' }, /condition of the rule office cannot be evaluated/),
  proof_replayed: flaw('proof_replayed', 'proof', /The same proof was sent before/),

  issuer_unavailable: outage('issuer_unavailable', /keys of the issuer are missing or older than keep/),
  api_server_unavailable: outage('api_server_unavailable', /did not answer a TokenReview/),
  api_server_forbidden: outage('api_server_forbidden', /components\/token-review/),
  introspection_unavailable: outage('introspection_unavailable', /introspection endpoint did not answer/),
  bundle_unavailable: outage('bundle_unavailable', /bundle of the trust domain is missing/),
  store_unavailable: outage('store_unavailable', /The store of used proofs did not answer/),
  check_incomplete: outage('check_incomplete', /stopped in the middle/),
  overloaded: outage('overloaded', /Find out why it is slow/),
  deadline_exceeded: outage('deadline_exceeded', /within the timeout/),
  internal_error: outage('internal_error', /A bug in Peerproof/),
};
