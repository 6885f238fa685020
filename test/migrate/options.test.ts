import test from 'ava';
import type { Fate, OptionType } from '../../src/migrate/option.ts';
import { options } from '../../src/migrate/options.ts';
import { least, migrate } from './migrated.ts';

/** The options of 7.15 by type; after a colon the names in the file, where they do not follow from the flag's. */
const types: Record<OptionType, string> = {
  string: `acr-values alpha-config: approval-prompt auth-logging-format auth-request-response-mode
    authenticated-emails-file azure-graph-group-field azure-tenant backend-logout-url banner
    basic-auth-password bitbucket-repository bitbucket-team client-id client-secret client-secret-file
    code-challenge-method config: cookie-csrf-samesite cookie-name cookie-path cookie-samesite cookie-secret
    cookie-secret-file custom-sign-in-logo custom-templates-dir footer force-code-challenge-method
    github-org github-repo github-team github-token google-admin-api-user-scope google-admin-email
    google-service-account-json google-target-principal google-use-application-default-credentials
    google-use-organization-id htpasswd-file http-address https-address jwt-key jwt-key-file
    logging-filename login-url metrics-address metrics-secure-address metrics-tls-cert-file
    metrics-tls-key-file oidc-email-claim oidc-groups-claim oidc-issuer-url oidc-jwks-url ping-path
    ping-user-agent profile-url prompt provider provider-display-name proxy-prefix pubjwk-url ready-path
    real-client-ip-header redeem-url redirect-url redis-ca-path redis-connection-url redis-password
    redis-sentinel-master-name redis-sentinel-password redis-username request-id-header
    request-logging-format resource scope session-store-type signature-key standard-logging-format
    tls-cert-file tls-key-file tls-min-version user-id-claim validate-url`,
  bool: `allow-query-semicolons auth-logging bearer-token-login-fallback config-test: convert-config-to-alpha:
    cookie-csrf-per-request cookie-httponly cookie-secure disable-keep-alives display-htpasswd-form
    encode-state entra-id-federated-token-auth errors-to-info-log force-https force-json-errors
    gcp-healthchecks insecure-oidc-allow-unverified-email insecure-oidc-skip-issuer-verification
    insecure-oidc-skip-nonce logging-compress logging-local-time pass-access-token pass-authorization-header
    pass-basic-auth pass-host-header pass-user-headers prefer-email-to-user proxy-websockets
    redis-insecure-skip-tls-verify redis-use-cluster redis-use-sentinel relative-redirect-url
    request-logging reverse-proxy session-cookie-minimal set-authorization-header set-basic-auth
    set-xauthrequest show-debug-on-error silence-ping-logging skip-auth-preflight skip-auth-strip-headers
    skip-claims-from-profile-url skip-jwt-bearer-tokens skip-oidc-discovery skip-provider-button
    ssl-insecure-skip-verify ssl-upstream-insecure-skip-verify standard-logging use-system-trust-store
    version:`,
  list: `allowed-group:allowed_groups allowed-role:allowed_roles api-route:api_routes
    cookie-domain:cookie_domains email-domain:email_domains entra-id-allowed-tenant:entra_id_allowed_tenants
    exclude-logging-path:exclude_logging_paths extra-jwt-issuers github-user:github_users
    gitlab-group:gitlab_groups gitlab-project:gitlab_projects google-group:google_group+google_groups
    htpasswd-user-group:htpasswd_user_groups keycloak-group:keycloak_groups
    oidc-audience-claim:oidc_audience_claims oidc-enabled-signing-alg:oidc_enabled_signing_algs
    oidc-extra-audience:oidc_extra_audiences oidc-public-key-file:oidc_public_key_files
    provider-ca-file:provider_ca_files redis-cluster-connection-urls redis-sentinel-connection-urls
    skip-auth-regex skip-auth-route:skip_auth_routes tls-cipher-suite:tls_cipher_suites
    trusted-ip:trusted_ips trusted-proxy-ip:trusted_proxy_ips upstream:upstreams
    whitelist-domain:whitelist_domains`,
  duration: 'cookie-csrf-expire cookie-expire cookie-refresh flush-interval upstream-timeout',
  number:
    'cookie-csrf-per-request-limit logging-max-age logging-max-backups logging-max-size redis-connection-idle-timeout',
};

test('options of oauth2-proxy – all of 7.15 are known, with their types and their names in the file', (t) => {
  const expected = Object.entries(types).flatMap(([type, names]) =>
    names.split(/\s+/).map((entry) => {
      const [name = '', keys] = entry.split(':');
      return [name, type, keys === undefined ? name.replaceAll('-', '_') : keys];
    }),
  );
  t.is(expected.length, 172);
  t.deepEqual(
    [...options].map(([name, { type, keys }]) => [name, type, keys.toSorted().join('+')]).toSorted(),
    expected.toSorted(),
  );
});

/** What becomes of each option beside the least that is needed, with a value that asks for something. */
const fates: Record<Fate, string> = {
  kept: `client-id=a email-domain=* extra-jwt-issuers=https://b.example=b force-json-errors http-address=:1
    allowed-group=a insecure-oidc-allow-unverified-email oidc-audience-claim=aud oidc-email-claim=upn
    oidc-enabled-signing-alg=ES256 oidc-extra-audience=b oidc-groups-claim=roles oidc-issuer-url=https://a.example
    pass-basic-auth pass-user-headers provider-ca-file=ca.pem set-authorization-header set-xauthrequest
    skip-jwt-bearer-tokens`,
  replaced: `gcp-healthchecks metrics-address=:2 ping-path=/a ping-user-agent=a prefer-email-to-user provider=oidc
    ready-path=/a skip-auth-preflight skip-auth-regex=^/a$ skip-auth-route=^/a$ upstream=static://200
    user-id-claim=upn`,
  'not needed': `acr-values=a allow-query-semicolons allowed-role=a api-route=^/a approval-prompt=a auth-logging
    auth-logging-format=a auth-request-response-mode=a authenticated-emails-file=a azure-graph-group-field=a
    azure-tenant=a backend-logout-url=a banner=a basic-auth-password=a bearer-token-login-fallback
    bitbucket-repository=a bitbucket-team=a client-secret-file=a client-secret=a code-challenge-method=a
    config-test convert-config-to-alpha cookie-csrf-expire=1m cookie-csrf-per-request
    cookie-csrf-per-request-limit=1 cookie-csrf-samesite=a cookie-domain=a cookie-expire=1h cookie-httponly
    cookie-name=a cookie-path=/ cookie-refresh=1h cookie-samesite=a cookie-secret-file=a cookie-secret=a
    cookie-secure custom-sign-in-logo=a custom-templates-dir=a disable-keep-alives display-htpasswd-form
    encode-state entra-id-allowed-tenant=a entra-id-federated-token-auth errors-to-info-log
    exclude-logging-path=/a flush-interval=1s footer=a force-code-challenge-method=a force-https
    github-org=a github-repo=a github-team=a github-token=a github-user=a gitlab-group=a gitlab-project=a
    google-admin-api-user-scope=a google-admin-email=a google-group=a google-service-account-json=a
    google-target-principal=a google-use-application-default-credentials=true
    google-use-organization-id=true htpasswd-user-group=a https-address=:3 insecure-oidc-skip-nonce
    jwt-key-file=a jwt-key=a keycloak-group=a logging-compress logging-filename=a logging-local-time
    logging-max-age=1 logging-max-backups=1 logging-max-size=1 login-url=static://401
    oidc-jwks-url=https://a.example/keys oidc-public-key-file=signer.pub pass-access-token
    pass-authorization-header pass-host-header profile-url=a prompt=a provider-display-name=a
    proxy-prefix=/a proxy-websockets pubjwk-url=a real-client-ip-header=a redeem-url=a redirect-url=a
    redis-ca-path=a redis-cluster-connection-urls=a redis-connection-idle-timeout=1 redis-connection-url=a
    redis-insecure-skip-tls-verify redis-password=a redis-sentinel-connection-urls=a
    redis-sentinel-master-name=a redis-sentinel-password=a redis-use-cluster redis-use-sentinel
    redis-username=a relative-redirect-url request-id-header=a request-logging request-logging-format=a
    resource=a reverse-proxy scope=a session-cookie-minimal session-store-type=redis show-debug-on-error
    silence-ping-logging skip-auth-strip-headers skip-claims-from-profile-url skip-provider-button
    ssl-upstream-insecure-skip-verify standard-logging standard-logging-format=a tls-cipher-suite=a
    tls-min-version=TLS1.3 trusted-proxy-ip=10.0.0.1 upstream-timeout=30s use-system-trust-store
    validate-url=a version whitelist-domain=a`,
  'not supported': `htpasswd-file=a insecure-oidc-skip-issuer-verification metrics-secure-address=:4
    metrics-tls-cert-file=a metrics-tls-key-file=a set-basic-auth signature-key=a skip-auth-strip-headers=false
    ssl-insecure-skip-verify trusted-ip=10.0.0.1`,
};

for (const [fate, entries] of Object.entries(fates))
  for (const entry of entries.split(/\s+/))
    test(`--${entry} – is ${fate}, in one line`, (t) => {
      const name = entry.split('=', 1)[0] ?? '';
      const migrated = migrate({ flags: [...least, `--${entry}`] });
      t.deepEqual(migrated.errors, []);
      t.true(migrated.became(name)?.startsWith(`${fate}: `), migrated.report.join('\n'));
      t.is(migrated.report.filter((line) => line.startsWith(`--${name}: `)).length, 1);
      t.is(migrated.exitCode, fate === 'not supported' ? 1 : 0);
    });

test('options of oauth2-proxy – what becomes of each is tested, here or where it needs others beside it', (t) => {
  const tested = Object.values(fates)
    .join(' ')
    .split(/\s+/)
    .map((entry) => entry.split('=', 1)[0]);
  const others = ['alpha-config', 'config', 'skip-oidc-discovery', 'tls-cert-file', 'tls-key-file'];
  t.deepEqual([...new Set([...tested, ...others])].toSorted(), [...options.keys()].toSorted());
});

for (const [name, { type, idle, fate }] of options)
  if (type === 'bool' && fate !== 'not needed' && name !== 'skip-jwt-bearer-tokens')
    test(`--${name}=${idle} – asks for nothing, and is not needed`, (t) => {
      const migrated = migrate({ flags: [...least, `--${name}=${idle}`] });
      t.regex(migrated.became(name) ?? '', /^not needed: /);
      t.is(migrated.exitCode, 0);
      t.deepEqual(migrated.written, migrate({ flags: least }).written);
    });
