import { kept, notNeeded, notSupported, type Row, replaced } from '../option.ts';

const login = notNeeded('Peerproof has no login');
const secret = notNeeded('Peerproof has no login and needs no secret: delete the secret from the cluster');
const directory = notNeeded('Peerproof uses only the claims of the token and queries no directory');

/** Options for the provider, and for the login there. */
export const issuer: Readonly<Record<string, Row>> = {
  provider: replaced('issuers.default; Peerproof treats every provider as an issuer')('string'),
  'oidc-issuer-url': kept('issuers.default.issuer')('string'),
  'skip-oidc-discovery': replaced('issuers.default.jwksUri or issuers.default.keys')('bool'),
  'oidc-jwks-url': kept('issuers.default.jwksUri')('string'),
  'oidc-public-key-file': kept('issuers.default.keys')('list', { key: 'oidc_public_key_files' }),
  'oidc-enabled-signing-alg': kept('issuers.default.algorithms')('list', {
    key: 'oidc_enabled_signing_algs',
  }),
  'insecure-oidc-skip-issuer-verification': notSupported(
    'Peerproof always compares iss, so tokens of other issuers are refused: add an entry under issuers for each tenant',
  )('bool'),
  'provider-ca-file': kept('issuers.*.ca')('list', { key: 'provider_ca_files' }),
  'use-system-trust-store': notNeeded(
    'without a CA file, the certificate authorities of the system are used',
  )('bool'),
  'ssl-insecure-skip-verify': notSupported(
    'certificates of issuers are always verified: set issuers.*.ca to the certificate authority',
  )('bool'),
  'insecure-oidc-skip-nonce': notNeeded('a nonce belongs to a login')('bool', { idle: true }),
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
  // oauth2-proxy defines this as a string.
  'google-use-application-default-credentials': directory('string'),
  'google-use-organization-id': directory('string'),
  'profile-url': directory('string'),
  'skip-claims-from-profile-url': directory('bool'),
  'validate-url': directory('string'),
};
