/**
 * Compares Peerproof with `identity.preset: oauth2-proxy` to oauth2-proxy 7.15 in bearer mode: what is the same, and what is
 * different on purpose. For each row there is a test with its name under `test/oauth2-proxy`.
 */

/** One line of the comparison. */
export interface ParityRow<What extends string = string> {
  readonly what: What;
  readonly oauth2Proxy: string;
  readonly peerproof: string;
  readonly same: boolean;
  /** Why it differs. Empty if it is the same. */
  readonly why: string;
}

function same<const What extends string>(what: What, both: string): ParityRow<What> {
  return { what, oauth2Proxy: both, peerproof: both, same: true, why: '' };
}

function differs<const What extends string>(
  what: What,
  oauth2Proxy: string,
  peerproof: string,
  why: string,
): ParityRow<What> {
  return { what, oauth2Proxy, peerproof, same: false, why };
}

/** `elsewhere`: a check of Envoy at any path; `at /oauth2/auth`: a check of nginx, Caddy or Traefik. */
export const parity = [
  same('x-auth-request-user', '`sub`'),
  same('x-auth-request-email', '`email`, else `sub`'),
  same('x-auth-request-preferred-username', '`preferred_username`'),
  same('x-auth-request-groups', '`groups`, joined with `,`'),
  same('x-auth-request-access-token', 'the token (`pass-access-token`, `passAccessToken`)'),
  same('authorization', 'the bearer token (`set-authorization-header`, `passAuthorization`)'),
  same('gap-auth', '`email`, else `sub`'),
  same('an empty claim', 'its header is not on the answer'),
  same('another e-mail claim', 'by `oidc-email-claim`, `identity.claims.email`'),
  same('another groups claim', 'by `oidc-groups-claim`, `identity.claims.groups`'),
  same('a scalar as groups', 'is one group'),
  same('email_verified: false', '401'),
  same('email_verified: false, allowed', 'passes; `allowInsecureUnverifiedEmail`'),
  same('email_verified: false of another claim', 'does not concern the address: the token passes'),
  same('several audiences', '`aud` must hold one of them'),
  same('several issuers', 'each with its own audience (`extra-jwt-issuers`)'),
  same('prefer-email-to-user', 'the user is the address; `identity.headers` with `from`'),
  same('skip-auth-preflight', 'OPTIONS passes without a token; a public rule'),
  same('every method', 'is a check'),
  same('allowed, at /oauth2/auth', '202, empty, with the headers; Envoy would treat that as a denial'),
  same('allowed, elsewhere', '200 `Authenticated`, with the headers'),
  same('no token, at /oauth2/auth', '401 `Unauthorized` as text'),
  same('no token, elsewhere', '401 `{}` as JSON'),
  same('invalid token, at /oauth2/auth', '401 `Unauthorized` as text'),
  same('invalid token, elsewhere', '401 `{}` as JSON'),
  same('group refused, elsewhere', '403 `{}` as JSON'),
  same('e-mail domain refused, elsewhere', '403 `{}` as JSON'),
  same('allowed_groups not met', '403 `Forbidden` as text'),
  same('allowed_emails not met', '403 `Forbidden` as text'),
  same('allowed_email_domains not met', '403 `Forbidden` as text'),
  same('several values of a parameter', 'separated by `,` or in several parameters: one must match'),
  same('several parameters', 'all must match'),

  differs(
    'its own paths',
    '`/robots.txt`, `/ping`, `/ready`, `/oauth2/static/*`, `/oauth2/sign_in` are 200 without a token',
    'paths like any other',
    'ext_authz treats this 200 as an allow, which bypasses the check (oauth2-proxy#3083)',
  ),
  differs(
    'requests to /oauth2/auth, /oauth2/userinfo',
    '202, which Envoy denies; 200 with the user',
    'paths like any other',
    'the application may have these paths',
  ),
  differs(
    'headers that are not set',
    'the client’s own headers stay',
    'are listed in `x-envoy-auth-headers-to-remove`, also spelled with `_`',
    'otherwise a client could claim any identity',
  ),
  differs(
    'x-forwarded-user, -email, …',
    'only on the request to its upstream',
    'also on the answer',
    'Peerproof has no upstream; applications that read them keep working',
  ),
  differs('WWW-Authenticate', 'never', 'with each 401 (RFC 6750 §3)', 'RFC 9110 §11.6.1 requires it'),
  differs('a malformed Authorization', '401', '400', 'another token would not help (RFC 6750 §3.1)'),
  differs(
    'keys not available',
    '401',
    '503 with Retry-After; 429 for Envoy, which treats a 503 as a missing answer',
    'the client did not cause the outage',
  ),
  differs(
    'group or e-mail domain refused, at /oauth2/auth',
    '401',
    '403',
    'the token is valid, and a new token for the same user does not help (RFC 9110 §15.5.4)',
  ),
  differs(
    'bearer-token-login-fallback: false',
    'an invalid token is 403',
    'always 401',
    'RFC 6750 §3.1: invalid_token',
  ),
  differs('sign-in page', 'HTML unless `force-json-errors`', 'never', 'programs cannot sign in'),
  differs('a cookie', 'holds a session', 'is ignored', 'programs have none'),
  differs('a token in Basic', 'as user or password', 'is not accepted', 'RFC 6750 §2 does not define this'),
  differs('the case of the scheme', 'only `Bearer`', 'any', 'RFC 9110 §11.1: case is ignored'),
  differs(
    'an ID token',
    'passes',
    '401 if its claims or header show the type, unless the issuer has `accept: id-token`',
    'an ID token is for the client, not for an API',
  ),
  differs('a token with cnf', 'passes', '401 unless its sender is proven', 'a stolen token must not work'),
  differs('an expired token', '401 at once', 'passes for `clockSkew`, 30 s', 'clocks differ'),
  differs(
    'a token of the future',
    'passes from 5 min before `nbf`',
    'passes from `clockSkew` (30 s) before `nbf`',
    'one tolerance for `exp` and `nbf`',
  ),
  differs(
    'algorithms',
    'RS256 unless enabled',
    'also PS256, ES*, EdDSA',
    'all use public keys and are secure',
  ),
  differs(
    'oidc-audience-claim',
    'the first listed claim that exists',
    'only `aud`',
    'RFC 7519 §4.1.3 defines only `aud`',
  ),
  differs('a nested claim', '`realm_access.roles`', '`/realm_access/roles`', 'a claim name may contain dots'),
  differs('groups that are not text', 'as JSON', 'are ignored', '7 and "7" would be the same group'),
  differs('a comma in a group', 'unchanged', '`%2C`', 'one group could look like two'),
  differs(
    'characters outside ASCII',
    'as bytes',
    'percent-encoded',
    'servers read such bytes differently (RFC 9110 §5.5)',
  ),
  differs(
    'a parameter without value',
    'is ignored',
    'matches no request',
    'an empty variable must not allow requests',
  ),
  differs('an unknown parameter', 'is ignored', '400', 'a misspelt restriction must not allow requests'),
  differs('spaces in a list', 'belong to the entry', 'are removed', 'they are never intended'),
  differs('case of an e-mail domain', 'counts', 'does not', 'RFC 1035 §2.3.3'),
  differs(
    'allowed_* elsewhere',
    '403 if not met',
    'ignored',
    'there the query belongs to the request of the client; use a path of `forwardAuth`, or a rule',
  ),
  differs(
    'who describes the original request',
    'every sender of X-Forwarded-Uri, unless `trusted-proxy-ip` is set (CVE-2026-40575)',
    'the addresses in `proxies`, which must send every header',
    'a client could match skip-auth-routes with a header',
  ),
  differs(
    'skip-auth-routes',
    'regular expressions',
    'rules with `token: optional`; `*` is one segment',
    'an expression without an anchor matches anywhere in the path',
  ),
  same('a valid token on a skip-auth route', 'gives the identity headers; `token: optional`'),
  differs(
    'an invalid token on a skip-auth route',
    'passes without an identity; 403 with `bearer-token-login-fallback: false`',
    '401, or 400 for a malformed Authorization',
    'a client must not become anonymous without noticing',
  ),
  differs(
    'the flags of bearer mode',
    '`skip-jwt-bearer-tokens`, `set-xauthrequest`, `pass-user-headers`, `upstream`, `login-url`, …',
    'no setting',
    'Peerproof has only this mode',
  ),
  differs(
    'the log',
    'has no line about bearer tokens',
    'one line per check, with the reason',
    'oauth2-proxy#2718',
  ),
  differs(
    'a bad signature',
    'fetches the keys again',
    'at most one fetch per `coolDown`',
    'bad tokens must not cause a flood of fetches',
  ),
  differs(
    'withdrawn keys',
    'stay in use',
    'are dropped with the next `refresh`',
    'the issuer no longer trusts them',
  ),
  differs('rules', 'one for all paths', 'by host, method and path: scopes, claims, …', 'oauth2-proxy#2035'),
  differs(
    'each issuer',
    'shares the claim settings',
    'has its own `jwksUri`; rules name `issuers`',
    'oauth2-proxy#3019, #3454',
  ),
  differs('secrets', 'client and cookie secret', 'none', 'there is no sign-in'),
] as const;

/** The name of a row. */
export type What = (typeof parity)[number]['what'];

/** The deliberate differences, as the table of docs/migrate-oauth2-proxy.md. */
export function deliberateDifferences(rows: readonly ParityRow[] = parity): string {
  const cells = rows
    .filter((row) => !row.same)
    .map(({ what, oauth2Proxy, peerproof, why }) => [what, oauth2Proxy, peerproof, why]);
  const head = ['', 'oauth2-proxy 7.15', 'Peerproof', 'why'];
  return [head, head.map(() => '---'), ...cells]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
