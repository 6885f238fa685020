import type { ApiServerBehaviour } from '../support/api-server.ts';
import type { Behaviour } from '../support/jwks-server.ts';
import type { Fixture } from './fixture.ts';

/** What sources of keys do wrong: in the answer with the keys, or in the metadata that leads there. */
export function sourceBehaviours(
  { keys }: Fixture,
  lure: string,
): Readonly<Record<string, { readonly keys?: Behaviour; readonly metadata?: Record<string, unknown> }>> {
  const body = (text: string, contentType?: string): { keys: Behaviour } => ({
    keys: { kind: 'body', body: text, ...(contentType && { contentType }) },
  });
  const set = (...list: unknown[]) => body(JSON.stringify({ keys: list }));
  return {
    'keys-500': { keys: { kind: 'status', status: 500, body: 'oops' } },
    'keys-404': { keys: { kind: 'status', status: 404 } },
    'keys-204': { keys: { kind: 'status', status: 204 } },
    'keys-html': body('<html><body>Sign in</body></html>', 'text/html'),
    'keys-html-200': body('<html></html>'),
    'keys-nothing': body(''),
    'keys-empty': set(),
    'keys-null': body('null'),
    'keys-list': body(JSON.stringify([keys.ec.publicJwk])),
    'keys-object': body(JSON.stringify({ keys: { ec: keys.ec.publicJwk } })),
    'keys-useless': set(
      null,
      1,
      'x',
      {},
      { kty: 'RSA' },
      { kty: 'oct', k: 'AAAA' },
      { kty: 'EC', crv: 'P-256' },
    ),
    'keys-encryption': set({ ...keys.ec.publicJwk, use: 'enc' }),
    'keys-hundred': set(...Array.from({ length: 101 }, () => keys.ec.publicJwk)),
    'keys-50mb': { keys: { kind: 'huge', bytes: 50 * 1024 * 1024 } },
    'keys-drip': { keys: { kind: 'drip', everyMs: 50 } },
    'keys-hang': { keys: { kind: 'hang' } },
    'keys-reset': { keys: { kind: 'reset' } },
    'keys-redirect': { keys: { kind: 'redirect', location: lure } },
    'keys-redirect-308': { keys: { kind: 'redirect', location: lure, status: 308 } },
    'keys-other-issuer': { metadata: { issuer: 'https://login.example.com', jwks_uri: lure } },
    'keys-http': { metadata: { jwks_uri: 'http://169.254.169.254/latest/meta-data' } },
    'keys-file': { metadata: { jwks_uri: 'file:///etc/passwd' } },
    'keys-no-uri': { metadata: { jwks_uri: undefined } },
    'keys-uri-list': { metadata: { jwks_uri: [lure] } },
  };
}

const review = (status: unknown, more: object = {}): ApiServerBehaviour => ({
  kind: 'body',
  contentType: 'application/json',
  body: JSON.stringify({ kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', status, ...more }),
});
const user = { username: 'system:serviceaccount:applications:shop' };
const yes = { authenticated: true, user, audiences: ['orders'] };

/** What the API server adds about the token. */
const said = (extra: Readonly<Record<string, unknown>>) =>
  review({
    ...yes,
    user: {
      ...user,
      extra: Object.fromEntries(
        Object.entries(extra).map(([name, value]) => [`authentication.kubernetes.io/${name}`, value]),
      ),
    },
  });

/** What API servers answer to a TokenReview. */
export const reviewBehaviours: Readonly<Record<string, ApiServerBehaviour>> = {
  'review-yes': review(yes),
  'review-other-audience': review({ ...yes, audiences: ['payments'] }),
  'review-no-audience': review({ authenticated: true, user }),
  'review-empty-audience': review({ ...yes, audiences: [] }),
  'review-text-audience': review({ ...yes, audiences: 'orders' }),
  'review-part-audience': review({ ...yes, audiences: ['orders.evil', 'order', ' orders', 'ORDERS'] }),
  'review-false': review({ ...yes, authenticated: false }),
  'review-absent': review({ user, audiences: ['orders'] }),
  'review-text': review({ ...yes, authenticated: 'true' }),
  'review-one': review({ ...yes, authenticated: 1 }),
  'review-error': review({ ...yes, authenticated: false, error: '[invalid bearer token, expired]' }),
  // As API servers do, with the token that was asked about.
  'review-quote': review({
    authenticated: false,
    error: `[invalid bearer token ${'eyJ0b2tlbiI6InF1b3RlZCJ9'.repeat(5)}, illegal base64 data]`,
  }),
  'review-other-user': review({ ...yes, user: { username: 'system:serviceaccount:applications:till' } }),
  'review-admin': review({ ...yes, user: { username: 'system:admin', groups: ['system:masters'] } }),
  'review-other-credential': said({ 'credential-id': ['JTI=another'] }),
  'review-same-credential': said({ 'credential-id': ['JTI=mine'] }),
  'review-two-credentials': said({ 'credential-id': ['JTI=mine', 'JTI=another'] }),
  'review-text-credential': said({ 'credential-id': 'JTI=mine' }),
  'review-other-node': said({ 'node-name': ['worker-2'], 'node-uid': ['n'] }),
  'review-other-node-uid': said({ 'node-name': ['worker-1'], 'node-uid': ['m'] }),
  'review-same-node': said({ 'node-name': ['worker-1'], 'node-uid': ['n'] }),
  'review-no-user': review({ ...yes, user: undefined }),
  'review-empty-user': review({ ...yes, user: { username: '' } }),
  'review-no-status': review(undefined),
  'review-list-status': review([yes]),
  'review-other-kind': review(yes, { kind: 'Status' }),
  'review-request-echo': review(undefined, { spec: { token: 'x' } }),
  'review-not-json': { kind: 'body', body: '<html>Sign in</html>' },
  'review-half-json': { kind: 'body', body: '{"kind":"TokenReview","status":{"authenticated":true' },
  'review-empty': { kind: 'body', body: '' },
  'review-null': { kind: 'body', body: 'null' },
  'review-1mb': {
    kind: 'body',
    body: JSON.stringify({ kind: 'TokenReview', status: yes, x: 'x'.repeat(1 << 20) }),
  },
  'review-401': { kind: 'status', status: 401 },
  'review-403': { kind: 'forbidden' },
  'review-404': { kind: 'status', status: 404 },
  'review-429': { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
  'review-500': { kind: 'status', status: 500, body: JSON.stringify({ kind: 'TokenReview', status: yes }) },
  'review-503': { kind: 'status', status: 503 },
  'review-302': { kind: 'status', status: 302, headers: { location: 'https://127.0.0.1/yes' } },
  'review-204': { kind: 'status', status: 204 },
  'review-hang': { kind: 'hang' },
  'review-reset': { kind: 'reset' },
};

type IntrospectionAnswer = 'hang' | { readonly status?: number; readonly body: unknown };

/** What introspection endpoints answer, whatever token they are asked about. */
export function introspectionAnswers({
  seconds,
  senders,
}: Fixture): Readonly<Record<string, IntrospectionAnswer>> {
  const active = { active: true, sub: 'alice', aud: 'orders', exp: seconds + 60, client_id: 'shop' };
  return {
    'ask-yes': { body: active },
    'ask-inactive': { body: { active: false } },
    'ask-inactive-claims': { body: { ...active, active: false } },
    'ask-text': { body: { ...active, active: 'true' } },
    'ask-one': { body: { ...active, active: 1 } },
    'ask-absent': { body: { ...active, active: undefined } },
    'ask-list': { body: [active] },
    'ask-null': { body: 'null' },
    'ask-html': { body: '<html>' },
    'ask-proto': { body: `{"__proto__":${JSON.stringify(active)}}` },
    'ask-other-audience': { body: { ...active, aud: 'payments' } },
    'ask-no-audience': { body: { ...active, aud: undefined } },
    'ask-expired': { body: { ...active, exp: seconds - 31 } },
    'ask-no-expiry': { body: { ...active, exp: undefined } },
    'ask-early': { body: { ...active, nbf: seconds + 31 } },
    'ask-exp-text': { body: { ...active, exp: String(seconds + 60) } },
    'ask-refresh': { body: { ...active, token_type: 'refresh_token' } },
    'ask-id-token': { body: { ...active, token_use: 'id' } },
    'ask-nonce': { body: { ...active, nonce: 'n-1' } },
    'ask-bound': { body: { ...active, cnf: { 'x5t#S256': senders.shop.thumbprint } } },
    'ask-jkt': { body: { ...active, cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } } },
    'ask-surrogate': { body: '{"active":true,"aud":"orders","exp":9999999999,"sub":"a\\ud800"}' },
    'ask-400': { status: 400, body: { error: 'invalid_request' } },
    'ask-401': { status: 401, body: { error: 'invalid_client' } },
    'ask-500': { status: 500, body: active },
    'ask-302': { status: 302, body: active },
    'ask-201': { status: 201, body: active },
    'ask-hang': 'hang',
  };
}
