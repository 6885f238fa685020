/** What oauth2-proxy 7.15 does with the claims of a bearer token whose signature holds, as far as the options here go. */

export type Claims = Readonly<Record<string, unknown>>;

/** The options, with the values that it takes where they are not given. */
export interface Oauth2Proxy {
  readonly provider: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly audienceClaims: readonly string[];
  readonly extras: readonly (readonly [issuer: string, audience: string])[];
  readonly emailClaim: string;
  readonly groupsClaim: string;
  readonly allowUnverified: boolean;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly domains: readonly string[];
  readonly bearer: boolean;
}

export const defaults: Oauth2Proxy = {
  provider: 'oidc',
  issuer: 'https://login.example.com',
  audiences: ['orders'],
  audienceClaims: ['aud'],
  extras: [],
  emailClaim: 'email',
  groupsClaim: 'groups',
  allowUnverified: false,
  groups: [],
  roles: [],
  domains: ['*'],
  bearer: true,
};

/** The options as its command line has them. */
export function flagsOf(proxy: Oauth2Proxy): readonly string[] {
  const [client, ...further] = proxy.audiences;
  return [
    `--provider=${proxy.provider}`,
    `--oidc-issuer-url=${proxy.issuer}`,
    `--client-id=${client}`,
    ...further.map((audience) => `--oidc-extra-audience=${audience}`),
    ...proxy.audienceClaims.map((claim) => `--oidc-audience-claim=${claim}`),
    ...proxy.extras.map((pair) => `--extra-jwt-issuers=${pair.join('=')}`),
    `--oidc-email-claim=${proxy.emailClaim}`,
    `--oidc-groups-claim=${proxy.groupsClaim}`,
    `--insecure-oidc-allow-unverified-email=${proxy.allowUnverified}`,
    ...proxy.groups.map((group) => `--allowed-group=${group}`),
    ...proxy.roles.map((role) => `--allowed-role=${role}`),
    ...proxy.domains.map((domain) => `--email-domain=${domain}`),
    `--skip-jwt-bearer-tokens=${proxy.bearer}`,
    '--upstream=static://200',
    '--http-address=127.0.0.1:0',
  ];
}

interface Session {
  readonly email: string;
  readonly groups: readonly string[];
}

export function passes(proxy: Oauth2Proxy, claims: Claims): boolean {
  const session = sessionOf(proxy, claims);
  if (!session || !proxy.bearer) return false;
  const allowed = [
    ...proxy.groups,
    ...(proxy.provider === 'keycloak-oidc' ? proxy.roles.map((role) => `role:${role}`) : []),
  ];
  if (allowed.length > 0 && !session.groups.some((group) => allowed.includes(group))) return false;
  return session.email === '' || welcome(session.email.toLowerCase(), proxy.domains);
}

function sessionOf(proxy: Oauth2Proxy, claims: Claims): Session | undefined {
  const fixed = proxy.provider === 'azure';
  if (claims.iss === proxy.issuer && hasAudience(proxy.audiences, proxy, claims)) {
    const session = fixed ? fixedSession(proxy, claims) : ownSession(proxy, claims);
    if (session) return session;
  }
  const [, ...further] = proxy.audiences;
  const extra = proxy.extras.some(
    ([issuer, audience]) => claims.iss === issuer && hasAudience([audience, ...further], proxy, claims),
  );
  return extra ? fixedSession(proxy, claims) : undefined;
}

function hasAudience(audiences: readonly string[], { audienceClaims }: Oauth2Proxy, claims: Claims): boolean {
  const name = audienceClaims.find((claim) => Object.hasOwn(claims, claim));
  const value = name === undefined ? [] : claims[name];
  return (Array.isArray(value) ? value : [value]).some((one) => audiences.includes(one));
}

function ownSession(proxy: Oauth2Proxy, claims: Claims): Session | undefined {
  const verified = claims.email_verified;
  if (
    proxy.emailClaim === 'email' &&
    !proxy.allowUnverified &&
    verified !== undefined &&
    ![true, 'true'].includes(verified as never)
  )
    return undefined;
  const { realm_access: realm, resource_access: clients } = claims as {
    realm_access?: { roles?: unknown };
    resource_access?: Record<string, { roles?: string[] }>;
  };
  const roles =
    proxy.provider === 'keycloak-oidc'
      ? [
          ...(isTexts(realm?.roles) ? realm.roles : []),
          ...Object.entries(clients ?? {}).flatMap(([client, { roles: own = [] }]) =>
            own.map((role) => `${client}:${role}`),
          ),
        ]
      : [];
  const groups = textsOf(claimOf(proxy.groupsClaim, claims));
  const [email = ''] = textsOf(claimOf(proxy.emailClaim, claims));
  return {
    email: email || String(claims.sub ?? ''),
    groups: [...groups, ...roles.map((role) => `role:${role}`)],
  };
}

function fixedSession(proxy: Oauth2Proxy, claims: Claims): Session | undefined {
  const { email_verified: verified, groups = [], email } = claims;
  if (verified !== undefined && verified !== true) return undefined;
  // It refuses each token whose groups it cannot read; that is a restriction only where it asks for a group.
  if (!isTexts(groups) && proxy.groups.length > 0) return undefined;
  return { email: String(email || claims.sub || ''), groups: isTexts(groups) ? groups : [] };
}

function claimOf(name: string, claims: Claims): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, step) => (typeof value === 'object' && value !== null ? (value as Claims)[step] : undefined),
      claims,
    );
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
}

function welcome(email: string, domains: readonly string[]): boolean {
  if (domains.includes('*')) return true;
  const [, host, ...more] = email.split('@');
  if (host === undefined || more.length > 0) return false;
  return domains.some((domain) => {
    const wanted = domain.toLowerCase().replace(/^\*(?=\.)/, '');
    return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted;
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
