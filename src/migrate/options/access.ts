import { fate, type Row } from '../option.ts';

const kept = (why: string) => fate('kept', why);
const replaced = (why: string) => fate('replaced', why);
const unsupported = (why: string) => fate('not supported', why);
const publicRule = replaced('a public rule of its own');
const elsewhere = fate('not needed', 'asked at a login alone: it never kept a bearer token out');

/** Options that decide who may pass. */
export const access: Readonly<Record<string, Row>> = {
  'client-id': kept('issuers.default.audiences')('string'),
  'oidc-extra-audience': kept('issuers.*.audiences')('list', { key: 'oidc_extra_audiences' }),
  'oidc-audience-claim': kept('aud is what Peerproof asks')('list', { key: 'oidc_audience_claims' }),
  'skip-jwt-bearer-tokens': kept('bearer tokens are what Peerproof is for')('bool'),
  'extra-jwt-issuers': kept('issuers.extra-*')('list'),
  'bearer-token-login-fallback': fate('not needed', 'a bad token is refused; there is no login')('bool'),
  'allowed-group': kept('require.claims of the rule bearer')('list', { key: 'allowed_groups' }),
  'allowed-role': replaced('require.claims of the rule bearer: /realm_access/roles')('list', {
    key: 'allowed_roles',
  }),
  'email-domain': kept('addresses may pass as there: `*`, or require.emailDomains of the rule bearer')(
    'list',
    { key: 'email_domains' },
  ),
  'authenticated-emails-file': unsupported(
    'there is no list of addresses in a file: write require: {claims: {email: [a@example.com]}} instead',
  )('string'),
  'htpasswd-file': unsupported('there are no passwords: who presents one is refused')('string'),
  'htpasswd-user-group': fate('not needed', 'there are no passwords')('list', {
    key: 'htpasswd_user_groups',
  }),
  'trusted-ip': unsupported(
    'an address proves nothing about who sends: nobody passes without a token; public rules can be written by hand',
  )('list', { key: 'trusted_ips' }),
  'skip-auth-route': publicRule('list', { key: 'skip_auth_routes' }),
  'skip-auth-regex': publicRule('list'),
  'skip-auth-preflight': replaced(
    'the public rule preflight, by which OPTIONS of anyone pass; a gateway that answers CORS itself needs none',
  )('bool'),
  'api-route': fate('not needed', 'nobody is sent to a login: every refusal is 401 or 403')('list', {
    key: 'api_routes',
  }),
  'insecure-oidc-allow-unverified-email': kept('identity.allowInsecureUnverifiedEmail')('bool'),
  'keycloak-group': elsewhere('list', { key: 'keycloak_groups' }),
  'gitlab-group': elsewhere('list', { key: 'gitlab_groups' }),
  'gitlab-project': elsewhere('list', { key: 'gitlab_projects' }),
  'google-group': { ...elsewhere('list'), keys: ['google_groups', 'google_group'] },
  'bitbucket-team': elsewhere('string'),
  'bitbucket-repository': elsewhere('string'),
  'github-org': elsewhere('string'),
  'github-team': elsewhere('string'),
  'github-repo': elsewhere('string'),
  'github-user': elsewhere('list', { key: 'github_users' }),
  'entra-id-allowed-tenant': fate(
    'not needed',
    'asked at a login alone; the issuer is compared exactly here, so its tenant is the only one',
  )('list', { key: 'entra_id_allowed_tenants' }),
};
