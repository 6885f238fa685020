import { kept, notNeeded, notSupported, type Row, replaced, rows } from '../option.ts';

const login = notNeeded('Peerproof has no login');
const secret = notNeeded('Peerproof has no login and needs no secret: delete the secret from the cluster');
const directory = notNeeded('Peerproof uses only the claims of the token and queries no directory');

/** Options for the provider, and for the login there. */
export const issuer: Readonly<Record<string, Row>> = {
  provider: replaced('issuers.default; Peerproof treats every provider as an issuer')('string'),
  'oidc-issuer-url': kept('issuers.default.issuer')('string'),
  'skip-oidc-discovery': replaced('issuers.default.jwksUri or issuers.default.keys')('bool'),
  'oidc-jwks-url': kept('issuers.default.jwksUri')('string'),
  'oidc-public-key-file': kept('issuers.default.keys')('list', 'oidc_public_key_files'),
  'oidc-enabled-signing-alg': kept('issuers.default.algorithms')('list', 'oidc_enabled_signing_algs'),
  'insecure-oidc-skip-issuer-verification': notSupported(
    'Peerproof always compares iss, so tokens of other issuers are refused: add an entry under issuers for each tenant',
  )('bool'),
  'provider-ca-file': kept('issuers.*.ca')('list', 'provider_ca_files'),
  'use-system-trust-store': notNeeded(
    'without a CA file, the certificate authorities of the system are used',
  )('bool'),
  'ssl-insecure-skip-verify': notSupported(
    'certificates of issuers are always verified: set issuers.*.ca to the certificate authority',
  )('bool'),
  'insecure-oidc-skip-nonce': { ...notNeeded('a nonce belongs to a login')('bool'), idle: true },
  ...rows(secret, {
    string: 'client-secret client-secret-file jwt-key jwt-key-file github-token',
    bool: 'entra-id-federated-token-auth',
  }),
  ...rows(login, {
    string: `acr-values approval-prompt auth-request-response-mode azure-tenant backend-logout-url
      code-challenge-method force-code-challenge-method login-url prompt provider-display-name
      pubjwk-url redeem-url redirect-url resource scope`,
    bool: 'encode-state relative-redirect-url skip-provider-button',
  }),
  'whitelist-domain': login('list', 'whitelist_domains'),
  // oauth2-proxy defines google-use-application-default-credentials as a string.
  ...rows(directory, {
    string: `azure-graph-group-field google-admin-api-user-scope google-admin-email google-service-account-json
      google-target-principal google-use-application-default-credentials google-use-organization-id
      profile-url validate-url`,
    bool: 'skip-claims-from-profile-url',
  }),
};
