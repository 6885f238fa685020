import { type Case, each, type Group } from '../case.ts';
import { type Fixture, ORDERS, SHOP, TILL } from '../fixture.ts';
import { type as bearerType, type Change, contentType, post } from '../makers/token-request.ts';
import type { OddSender } from '../senders.ts';

const ambiguous = 'assertion_ambiguous';
const unregistered = 'client_not_registered';
const otherAudience = 'token_audience_mismatch';
const otherType = 'token_type_not_allowed';
const spiffeType = bearerType.replace('jwt-bearer', 'jwt-spiffe');

type Parameters = Readonly<Record<string, string | undefined>>;
const formOf = (parameters: Parameters): string => {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.set(name, value);
  return form.toString();
};
const assertion = (f: Fixture): Parameters => ({
  client_assertion: f.svid(),
  client_assertion_type: spiffeType,
});
const spiffe = (changes: (f: Fixture) => Parameters, reason: Case['reason'], more: Change = {}) =>
  post((f) => formOf({ ...assertion(f), ...changes(f) }), reason, { path: '/spiffe-token', ...more });
const certificate = (parameters: Parameters, reason: Case['reason'], more: Change = {}) =>
  post(() => formOf(parameters), reason, { path: '/certificate-token', ...more });
const behind = (text: string, reason: Case['reason'] = ambiguous) =>
  post(() => `${formOf({ client_id: 'shop' })}&${text}`, reason, { path: '/certificate-token' });
/** At a listener that takes any certificate. The proxy that shows the hash alone has looked at it in the handshake. */
const shown = (sender: OddSender, reason: Case['reason'], more: Partial<Case> = {}): Case => ({
  send: (f) => ({
    ...{ method: 'POST', path: '/certificate-token', sender: f.senders[sender] },
    ...{ headers: contentType, body: formOf({ client_id: 'shop' }) },
  }),
  reason,
  ...{ hash: 'allowed', edge: true },
  ...more,
});
const header = (name: string, value: string, reason: Case['reason']) =>
  certificate({ client_id: 'shop' }, reason, { headers: [...contentType, [name, value]] });

export const group: Group = {
  number: 19,
  title: 'Client assertions',
  items: {
    'jwt-spiffe assertions': {
      source: 'draft-ietf-oauth-spiffe-client-auth-02 §3.1; CVE-2025-27370 (audiences of assertions)',
      cases: {
        'its own, without client_id': spiffe(() => ({}), 'allowed', {
          seen: { line: { client_id: 'shop', bound_by: 'workload' } },
        }),
        'its own, with client_id': spiffe(() => ({ client_id: 'shop' }), 'allowed'),
        'its own, at a rule that does not accept the type': spiffe(
          () => ({ client_id: 'shop' }),
          'assertion_type_unsupported',
          { path: '/token' },
        ),
        'of a type that nobody knows': spiffe(
          () => ({ client_assertion_type: `${spiffeType}-2` }),
          'assertion_type_unsupported',
        ),
        'of the type without its prefix': spiffe(
          () => ({ client_assertion_type: 'jwt-spiffe' }),
          'assertion_type_unsupported',
        ),
        'of both types': post(
          (f) => `${formOf(assertion(f))}&client_assertion_type=${encodeURIComponent(bearerType)}`,
          ambiguous,
          { path: '/spiffe-token' },
        ),
        'stolen by the till': spiffe(() => ({}), 'binding_workload_mismatch', { sender: 'till' }),
        'stolen by the till, in the name of the shop': spiffe(
          () => ({ client_id: 'shop' }),
          'binding_workload_mismatch',
          { sender: 'till' },
        ),
        'its own, in the name of the till': spiffe(() => ({ client_id: 'till' }), unregistered),
        'its own, in the SPIFFE ID of the till': spiffe(() => ({ client_id: TILL }), unregistered),
        'its own, in the name of __proto__': spiffe(() => ({ client_id: '__proto__' }), unregistered),
        'its own, in a name with a NUL': spiffe(() => ({ client_id: 'shop\0till' }), unregistered),
        'of a workload with two clients': spiffe(
          (f) => ({ client_assertion: f.svid({ sub: ORDERS }) }),
          'client_ambiguous',
          { sender: 'orders' },
        ),
        'for two audiences': spiffe(
          (f) => ({ client_assertion: f.svid({ aud: ['orders', 'payments'] }) }),
          otherAudience,
        ),
        'for the same audience twice': spiffe(
          (f) => ({ client_assertion: f.svid({ aud: ['orders', 'orders'] }) }),
          otherAudience,
        ),
        'for no audience': spiffe((f) => ({ client_assertion: f.svid({ aud: [] }) }), otherAudience),
        'for another audience': spiffe(
          (f) => ({ client_assertion: f.svid({ aud: 'payments' }) }),
          otherAudience,
        ),
        'for the audience in capitals': spiffe(
          (f) => ({ client_assertion: f.svid({ aud: 'ORDERS' }) }),
          otherAudience,
        ),
        'whose subject is the client ID': spiffe(
          (f) => ({ client_assertion: f.svid({ sub: 'shop' }) }),
          otherType,
        ),
        'whose subject is a trust domain': spiffe(
          (f) => ({ client_assertion: f.svid({ sub: 'spiffe://cluster.local' }) }),
          otherType,
        ),
        'whose subject is of another trust domain': spiffe(
          (f) => ({ client_assertion: f.svid({ sub: 'spiffe://evil.example/ns/applications/sa/shop' }) }),
          otherType,
        ),
        'that is a ServiceAccount token': spiffe((f) => ({ client_assertion: f.account() }), otherType),
        'that is an access token': spiffe((f) => ({ client_assertion: f.token }), otherType),
        'that is over': spiffe(
          (f) => ({ client_assertion: f.svid({ exp: f.seconds - 31 }) }),
          'token_expired',
        ),
        'of tomorrow': spiffe(
          (f) => ({ client_assertion: f.svid({ nbf: f.seconds + 86_400 }) }),
          'token_not_yet_valid',
        ),
        'that another key signed': spiffe(
          (f) => ({ client_assertion: f.svid({}, { kid: 'spire' }, 'stranger') }),
          'token_signature_invalid',
        ),
        'that is missing': spiffe(() => ({ client_assertion: undefined }), 'assertion_missing'),
        'and another one': post((f) => `${formOf(assertion(f))}&client_assertion=${f.svid()}`, ambiguous, {
          path: '/spiffe-token',
        }),
        'without exp': spiffe(
          (f) => ({ client_assertion: f.svid({ exp: undefined }) }),
          'token_claim_malformed',
        ),
        'from somebody without a certificate': {
          send: (f) => ({
            method: 'POST',
            path: '/spiffe-token',
            headers: contentType,
            body: formOf(assertion(f)),
          }),
          reason: 'binding_peer_missing',
        },
        'with client_id in the query': spiffe(() => ({}), ambiguous, {
          path: '/spiffe-token?client_id=till',
        }),
        'with a disguised client_id': post((f) => `${formOf(assertion(f))}&client.id=till`, ambiguous, {
          path: '/spiffe-token',
        }),
        'with an attestation of another client': spiffe(() => ({}), ambiguous, {
          headers: [...contentType, ['oauth-client-attestation', 'eyJ.e30.x']],
        }),
      },
    },
    'a certificate in the place of an assertion': {
      source: 'RFC 8705 §2; draft-ietf-oauth-spiffe-client-auth-02 §3.2',
      cases: {
        'of the shop': certificate({ client_id: 'shop' }, 'allowed', {
          seen: {
            line: { client_id: 'shop', bound_by: 'workload' },
            headers: { 'x-auth-request-client-id': 'shop', 'x-auth-request-user': null },
          },
        }),
        'of the shop, after its renewal': certificate({ client_id: 'shop' }, 'allowed', {
          sender: 'rotated',
        }),
        'of the shop, without client_id': certificate({}, 'allowed', {
          seen: { line: { client_id: 'shop' } },
        }),
        'with a header of the client that names another one': certificate({}, 'allowed', {
          headers: [...contentType, ['x-auth-request-client-id', 'till']],
          seen: { headers: { 'x-auth-request-client-id': 'shop' } },
        }),
        'of the till, in the name of the shop': certificate({ client_id: 'shop' }, unregistered, {
          sender: 'till',
        }),
        'of the shop, in the name of the till': certificate({ client_id: 'till' }, unregistered),
        'of the shop, in the SPIFFE ID of the till': certificate({ client_id: TILL }, unregistered),
        'of the shop, in the name of a client of one issuer': certificate(
          { client_id: 'partner-only' },
          unregistered,
        ),
        'of a workload with two clients': certificate({}, 'client_ambiguous', { sender: 'orders' }),
        'of another trust domain': certificate({ client_id: 'shop' }, 'peer_trust_domain_not_allowed', {
          sender: 'foreign',
        }),
        'without a SPIFFE ID': certificate({ client_id: 'shop' }, 'peer_missing', { sender: 'nameless' }),
        'that nobody has': {
          send: () => ({
            method: 'POST',
            path: '/certificate-token',
            headers: contentType,
            body: 'client_id=shop',
          }),
          reason: 'peer_missing',
        },
        'that is over': shown('expired', 'peer_certificate_expired'),
        'of the next hour': shown('early', 'peer_certificate_not_yet_valid'),
        'that another authority signed': shown('selfMade', 'peer_chain_untrusted', {
          ...{ world: 'chained', hash: 'peer_chain_untrusted' },
        }),
        'of the till, with XFCC that names the shop': certificate({ client_id: 'shop' }, unregistered, {
          sender: 'till',
          headers: [...contentType, ['x-forwarded-client-cert', `URI=${SHOP}`]],
        }),
        'with an assertion too': post((f) => formOf({ client_id: 'shop', ...assertion(f) }), ambiguous, {
          path: '/certificate-token',
        }),
        'with the body cut off': {
          ...header('x-envoy-auth-partial-body', 'true', 'body_unreadable'),
          envoy: { becomes: 'allowed', why: 'Envoy says itself whether it is whole' },
        },
        'with Basic too': header(
          'authorization',
          `Basic ${Buffer.from('till:x').toString('base64')}`,
          ambiguous,
        ),
        'with an attestation too': header('oauth-client-attestation', 'eyJ.e30.x', ambiguous),
        'with the body compressed': header('content-encoding', 'gzip', 'body_unreadable'),
        'with client_id in the query': certificate({}, ambiguous, {
          path: '/certificate-token?client_id=till',
        }),
        ...each(
          [
            'client_assertion=',
            'client_assertion_type=x',
            'client_secret=',
            'client_id=till',
            'client.id=till',
            'CLIENT_ID=till',
            'client_id%00=till',
            'client_id%5B%5D=till',
          ],
          (text) => [`with ${text}`, behind(text)],
        ),
        'with a semicolon': behind('x=1;client_id=till', 'body_unreadable'),
      },
    },
  },
};
