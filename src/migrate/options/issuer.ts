import { fate, type Row } from '../option.ts';

const kept = (why: string) => fate('kept', why);
const login = fate('not needed', 'nobody is sent to a login');
const secret = fate('not needed', 'Peerproof logs nobody in and needs no secret; take it out of the cluster');
const directory = fate('not needed', 'only what stands in the token counts: no directory is asked');

/** Options about the provider, and about logging in there. */
export const issuer: Readonly<Record<string, Row>> = {
  provider: fate('replaced', 'issuers.default: every provider is a plain issuer')('string'),
  'oidc-issuer-url': kept('issuers.default.issuer')('string'),
  'skip-oidc-discovery': fate('replaced', 'the keys are at issuers.default.jwksUri or keys')('bool'),
  'oidc-jwks-url': kept('issuers.default.jwksUri')('string'),
  'oidc-public-key-file': kept('issuers.default.keys')('list', { key: 'oidc_public_key_files' }),
  'oidc-enabled-signing-alg': kept('issuers.default.algorithms')('list', {
    key: 'oidc_enabled_signing_algs',
  }),
  'insecure-oidc-skip-issuer-verification': fate(
    'not supported',
    'iss is always compared: tokens of others are refused; give each tenant an entry of its own under issuers',
  )('bool'),
  'provider-ca-file': kept('issuers.*.ca')('list', { key: 'provider_ca_files' }),
  'use-system-trust-store': fate(
    'not needed',
    'without a CA file, the authorities of the system count',
  )('bool'),
  'ssl-insecure-skip-verify': fate(
    'not supported',
    'certificates of issuers are always verified: name the authority as issuers.*.ca',
  )('bool'),
  'insecure-oidc-skip-nonce': fate('not needed', 'a nonce belongs to a login')('bool', { idle: true }),
  'client-secret': secret('string'),
  'client-secret-file': secret('string'),
  'jwt-key': secret('string'),
  'jwt-key-file': secret('string'),
  'github-token': secret('string'),
  'entra-id-federated-token-auth': secret('bool'),
  'acr-values': login('string'),
  'approval-prompt': login('string'),
  'auth-request-response-mode': login('string'),
  'azure-tenant': login('string'),
  'backend-logout-url': login('string'),
  'code-challenge-method': login('string'),
  'force-code-challenge-method': login('string'),
  'encode-state': login('bool'),
  'login-url': login('string'),
  prompt: login('string'),
  'provider-display-name': login('string'),
  'pubjwk-url': login('string'),
  'redeem-url': login('string'),
  'redirect-url': login('string'),
  'relative-redirect-url': login('bool'),
  resource: login('string'),
  scope: login('string'),
  'skip-provider-button': login('bool'),
  'whitelist-domain': login('list', { key: 'whitelist_domains' }),
  'azure-graph-group-field': directory('string'),
  'google-admin-api-user-scope': directory('string'),
  'google-admin-email': directory('string'),
  'google-service-account-json': directory('string'),
  'google-target-principal': directory('string'),
  // A text there, for all that it says.
  'google-use-application-default-credentials': directory('string'),
  'google-use-organization-id': directory('string'),
  'profile-url': directory('string'),
  'skip-claims-from-profile-url': directory('bool'),
  'validate-url': directory('string'),
};
