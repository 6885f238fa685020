/**
 * What Peerproof, with `identity.preset: oauth2-proxy`, does as oauth2-proxy 7.15 does in bearer mode, and what it
 * deliberately does not. Each row has a test of its name under `test/oauth2-proxy`, so none can be a mere promise.
 */

/** One line of the comparison. */
export interface ParityRow<What extends string = string> {
  readonly what: What;
  readonly oauth2Proxy: string;
  readonly peerproof: string;
  readonly same: boolean;
  /** Why it differs; empty where it does not. */
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
  same('email_verified: false of another claim', 'says nothing of the address, and passes'),
  same('several audiences', 'one of them must be in `aud`'),
  same('several issuers', 'each with its own audience (`extra-jwt-issuers`)'),
  same('prefer-email-to-user', 'the user is the address; `identity.headers` with `from`'),
  same('skip-auth-preflight', 'OPTIONS passes without a token; a public rule'),
  same('every method', 'is a check'),
  same('allowed, at /oauth2/auth', '202, empty, with the headers; Envoy takes that for a denial'),
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
  same('several values of a parameter', 'separated by `,` or in several parameters: one must be met'),
  same('several parameters', 'all must be met'),

  differs(
    'its own paths',
    '`/robots.txt`, `/ping`, `/ready`, `/oauth2/static/*`, `/oauth2/sign_in` are 200 without a token',
    'paths like any other',
    'ext_authz takes the 200 for the answer to its question: a bypass (oauth2-proxy#3083)',
  ),
  differs(
    '/oauth2/auth, /oauth2/userinfo asked for',
    '202, which Envoy denies; 200 with the user',
    'paths like any other',
    'they may be paths of the application',
  ),
  differs(
    'headers that are not set',
    'the client’s own stay',
    'are named in `x-envoy-auth-headers-to-remove`, with their spellings with `_`',
    'a client could otherwise be whom it likes',
  ),
  differs(
    'x-forwarded-user, -email, …',
    'on the request to its upstream alone',
    'on the answer too',
    'there is no upstream here; who reads them goes on working',
  ),
  differs('WWW-Authenticate', 'never', 'with each 401, by RFC 6750 §3', 'RFC 9110 §11.6.1 demands it'),
  differs('a malformed Authorization', '401', '400', 'another token would not help (RFC 6750 §3.1)'),
  differs(
    'keys not available',
    '401',
    '503 with Retry-After; to Envoy 429, because it takes a 503 for no answer',
    'an outage is not the client’s fault',
  ),
  differs(
    'group or e-mail domain refused, at /oauth2/auth',
    '401',
    '403',
    'the token is good, and another one of the same user changes nothing (RFC 9110 §15.5.4)',
  ),
  differs(
    'bearer-token-login-fallback: false',
    'an invalid token is 403',
    'always 401',
    'RFC 6750 §3.1: invalid_token',
  ),
  differs('sign-in page', 'HTML unless `force-json-errors`', 'never', 'programs cannot sign in'),
  differs('a cookie', 'holds a session', 'is not looked at', 'programs have none'),
  differs('a token in Basic', 'as user or password', 'is no token', 'RFC 6750 §2 knows no such place'),
  differs('the case of the scheme', '`Bearer` alone', 'any', 'RFC 9110 §11.1: it has none'),
  differs(
    'an ID token',
    'passes',
    '401 where it shows that it is one',
    'it is for the client, not for an API',
  ),
  differs('a token with cnf', 'passes', '401 unless its sender is proven', 'stolen, it would be of use'),
  differs('an expired token', 'at once 401', 'passes for `clockSkew`, 30 s', 'clocks differ'),
  differs('a token of the future', 'passes 5 min before `nbf`', 'for `clockSkew`, 30 s', 'one skew for both'),
  differs('algorithms', 'RS256 unless enabled', 'also PS256, ES*, EdDSA', 'all are sound with public keys'),
  differs(
    'oidc-audience-claim',
    'first of any claims',
    '`aud` alone',
    'RFC 7519 §4.1.3: no other one means it',
  ),
  differs('a nested claim', '`realm_access.roles`', '`/realm_access/roles`', 'names of claims may hold dots'),
  differs('groups that are no text', 'as JSON', 'do not count', '7 and "7" would be one group'),
  differs('a comma in a group', 'as it is', '`%2C`', 'one group could pass for two'),
  differs(
    'what is not ASCII',
    'as bytes',
    'percent-encoded',
    'readers differ about such bytes (RFC 9110 §5.5)',
  ),
  differs('a parameter without value', 'is ignored', 'is met by nobody', 'an empty variable must not open'),
  differs('an unknown parameter', 'is ignored', '400', 'a misspelt restriction must not open'),
  differs('spaces in a list', 'belong to the entry', 'are cut off', 'nobody means them'),
  differs('case of an e-mail domain', 'counts', 'does not', 'RFC 1035 §2.3.3'),
  differs(
    'allowed_* elsewhere',
    '403 where not met',
    'not read: allowed',
    'that query is the client’s own request; use a path of `forwardAuth`, or a rule',
  ),
  differs(
    'who says what was asked',
    'whoever sends X-Forwarded-Uri, unless `trusted-proxy-ip` is set (CVE-2026-40575)',
    '`proxies`, and they must send all of it',
    'skip-auth-routes could be met by a header',
  ),
  differs(
    'skip-auth-routes',
    'regular expressions',
    'public rules; `*` is one segment',
    'without an anchor an expression matches anywhere',
  ),
  differs(
    'the flags of bearer mode',
    '`skip-jwt-bearer-tokens`, `set-xauthrequest`, `pass-user-headers`, `upstream`, `login-url`, …',
    'no setting: the preset is that mode',
    'it has no other',
  ),
  differs('the log', 'silent about bearer tokens', 'one line each, with the reason', 'oauth2-proxy#2718'),
  differs('a bad signature', 'fetches the keys again', 'at most one fetch in `coolDown`', 'else a flood'),
  differs('withdrawn keys', 'stay in use', 'go with the next `refresh`', 'they were withdrawn for a reason'),
  differs('rules', 'one for all paths', 'by host, method, path: scopes, claims, …', 'oauth2-proxy#2035'),
  differs('each issuer', 'shares claims', 'has `jwksUri`, rules by `issuers`', 'oauth2-proxy#3019, #3454'),
  differs('secrets', 'client and cookie secret', 'none', 'nobody signs in, so there is nothing to keep'),
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
