import { kept, notNeeded, notSupported, type Row, replaced, rows } from '../option.ts';

const publicRule = replaced('rules that need no token');
const elsewhere = notNeeded('oauth2-proxy checks it only at a login, not for bearer tokens');

/** Options that restrict access. */
export const access: Readonly<Record<string, Row>> = {
  'client-id': kept('issuers.default.audiences')('string'),
  'oidc-extra-audience': kept('issuers.*.audiences')('list', 'oidc_extra_audiences'),
  'oidc-audience-claim': kept('Peerproof checks aud')('list', 'oidc_audience_claims'),
  'skip-jwt-bearer-tokens': kept('Peerproof always accepts bearer tokens')('bool'),
  'extra-jwt-issuers': kept('issuers.extra-*')('list'),
  'bearer-token-login-fallback': notNeeded('a bad token is refused, because Peerproof has no login')('bool'),
  'allowed-group': kept('require.claims of the rule bearer')('list', 'allowed_groups'),
  'allowed-role': replaced('require.claims of the rule bearer: /realm_access/roles')('list', 'allowed_roles'),
  'email-domain': kept(
    '`*` allows every address; other domains are in require.emailDomains of the rule bearer',
  )('list', 'email_domains'),
  'authenticated-emails-file': notSupported(
    'Peerproof reads no file of addresses: write require: {emails: [a@example.com]} instead',
  )('string'),
  'htpasswd-file': notSupported('Peerproof has no passwords: a request with a password is refused')('string'),
  'htpasswd-user-group': notNeeded('Peerproof has no passwords')('list', 'htpasswd_user_groups'),
  'trusted-ip': notSupported(
    'an IP address does not prove who the sender is, so these requests need a token; you can add public rules by hand',
  )('list', 'trusted_ips'),
  'skip-auth-route': publicRule('list', 'skip_auth_routes'),
  'skip-auth-regex': publicRule('list'),
  'skip-auth-preflight': replaced(
    'the public rule preflight lets every OPTIONS request pass; remove it if your gateway answers CORS itself',
  )('bool'),
  'api-route': notNeeded('Peerproof never redirects to a login: every refusal is 401 or 403')(
    'list',
    'api_routes',
  ),
  'insecure-oidc-allow-unverified-email': kept('identity.allowInsecureUnverifiedEmail')('bool'),
  'keycloak-group': elsewhere('list', 'keycloak_groups'),
  'gitlab-group': elsewhere('list', 'gitlab_groups'),
  'gitlab-project': elsewhere('list', 'gitlab_projects'),
  'google-group': { ...elsewhere('list'), keys: ['google_groups', 'google_group'] },
  ...rows(elsewhere, {
    string: 'bitbucket-team bitbucket-repository github-org github-team github-repo',
  }),
  'github-user': elsewhere('list', 'github_users'),
  'entra-id-allowed-tenant': notNeeded(
    'oauth2-proxy checks it only at a login; Peerproof compares the issuer exactly, so only its tenant is accepted',
  )('list', 'entra_id_allowed_tenants'),
};
