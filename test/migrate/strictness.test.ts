import test from 'ava';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { migrate } from './migrated.ts';
import { type Claims, defaults, flagsOf, type Oauth2Proxy, passes } from './oauth2-proxy.ts';

/** Whoever passes Peerproof with a migrated configuration passes oauth2-proxy; in ordinary cases the other way round too. */

const signer = createSigner('RS256');
const other = 'https://other.example.com';
const now = Math.floor(Date.now() / 1000);
const ordinary: Claims = { iss: defaults.issuer, aud: 'orders', sub: 'shop', exp: now + 600 };

/** What one claim can be, beside the ordinary ones. */
const variants: readonly Claims[] = [
  {},
  { aud: ['x', 'orders'] },
  { aud: 'billing' },
  { aud: 'x' },
  { aud: [] },
  { aud: undefined },
  { aud: undefined, client_id: 'orders' },
  { aud: undefined, client_id: 'x' },
  { aud: undefined, client_id: ['orders'] },
  { aud: [], client_id: 'orders' },
  { aud: 'x', client_id: 'orders' },
  { client_id: 'x' },
  { client_id: 'orders' },
  { iss: other },
  { iss: other, aud: 'partner' },
  { iss: other, aud: 'partner', groups: ['admin'] },
  { iss: other, aud: 'partner', groups: 'admin' },
  { iss: other, aud: 'partner', groups: ['admin', 1] },
  { iss: other, aud: 'partner', roles: ['admin'] },
  { iss: other, aud: 'partner', realm_access: { roles: ['admin'] } },
  { iss: other, aud: 'partner', email: 'a@example.com', email_verified: false },
  { iss: other, aud: 'partner', upn: 'a@example.com', email_verified: false },
  { iss: other, aud: 'billing' },
  { aud: 'partner' },
  { aud: 'partner', roles: ['admin'] },
  { aud: 'partner', groups: 'admin' },
  { aud: 'partner', groups: ['admin'] },
  { aud: 'partner', email_verified: false },
  { iss: `${defaults.issuer}/` },
  { iss: undefined },
  { groups: ['admin'] },
  { groups: ['x', 'admin'] },
  { groups: 'admin' },
  { groups: ['x'] },
  { groups: ['admin', 1] },
  { groups: [['admin']] },
  { groups: { admin: 1 } },
  { groups: ['admin '] },
  { roles: ['admin'] },
  { groups: ['x'], roles: ['admin'] },
  { realm_access: { roles: ['admin'] } },
  { realm_access: { roles: 'admin' } },
  { realm_access: { roles: ['admin', 1] } },
  { realm_access: { roles: { admin: 1 } } },
  { realm_access: { roles: ['x'] }, 'realm_access.roles': ['admin'] },
  { realm_access: { roles: ['admin'] }, 'realm_access.roles': ['x'] },
  { resource_access: { shop: { roles: ['admin'] } } },
  { groups: ['admin'], realm_access: { roles: ['admin'] } },
  { email: 'a@example.com' },
  { email: 'A@EXAMPLE.COM' },
  { email: 'a@sub.example.com' },
  { email: 'a@notexample.com' },
  { email: 'a@evil.example@example.com' },
  { email: '@example.com' },
  { email: 'example.com' },
  { email: 'a@example.com', email_verified: true },
  { email: 'a@example.com', email_verified: false },
  { email: 'a@example.com', email_verified: 'false' },
  { email_verified: false },
  { upn: 'a@example.com', email_verified: false },
  { sub: 'a@example.com' },
  { sub: undefined },
  { exp: now - 20 },
  { exp: undefined },
];

const admin = { groups: ['admin'] };
const proxies: Record<string, Partial<Oauth2Proxy>> = {
  'the least': {},
  'a further audience': { audiences: ['orders', 'billing'] },
  'the audience in another claim': { audienceClaims: ['client_id'] },
  'the audience in aud, else in another claim': { audienceClaims: ['aud', 'client_id'] },
  'the audience in another claim, else in aud': { audienceClaims: ['client_id', 'aud'] },
  'a further issuer': { extras: [[other, 'partner']] },
  'a further issuer and audience': { extras: [[other, 'partner']], audiences: ['orders', 'billing'] },
  'a further issuer, and a group': { extras: [[other, 'partner']], ...admin },
  'a further issuer, and a group in another claim': {
    extras: [[other, 'partner']],
    ...admin,
    groupsClaim: 'roles',
  },
  'a further issuer, and the audience in another claim': {
    extras: [[other, 'partner']],
    audienceClaims: ['client_id'],
  },
  'a further issuer, and addresses in another claim': { extras: [[other, 'partner']], emailClaim: 'upn' },
  'a further issuer, and unverified addresses': { extras: [[other, 'partner']], allowUnverified: true },
  'a further audience of the same issuer': { extras: [[defaults.issuer, 'partner']] },
  'the same issuer again, and a group in another claim': {
    extras: [[defaults.issuer, 'partner']],
    ...admin,
    groupsClaim: 'roles',
  },
  'the same issuer again, and a group': { extras: [[defaults.issuer, 'partner']], ...admin },
  'the same issuer again, and unverified addresses': {
    extras: [[defaults.issuer, 'partner']],
    allowUnverified: true,
  },
  'a group': admin,
  'a group in another claim': { ...admin, groupsClaim: 'roles' },
  'a group at a path': { ...admin, groupsClaim: 'realm_access.roles' },
  'a role': { provider: 'keycloak-oidc', roles: ['admin'] },
  'a role of a client': { provider: 'keycloak-oidc', roles: ['shop:admin'] },
  'a role as a group': { provider: 'keycloak-oidc', groups: ['role:admin'] },
  'a role or a group': { provider: 'keycloak-oidc', roles: ['admin'], groups: ['admin'] },
  'roles of the realm and of a client': { provider: 'keycloak-oidc', roles: ['admin', 'shop:admin'] },
  'roles of another provider': { roles: ['admin'] },
  azure: { provider: 'azure', ...admin, groupsClaim: 'roles', emailClaim: 'upn', allowUnverified: true },
  'unverified addresses': { allowUnverified: true },
  'addresses in another claim': { emailClaim: 'upn' },
  'a domain': { domains: ['example.com'] },
  'a domain and those below it': { domains: ['example.com', '.example.com', '*.example.org'] },
  'no bearer tokens': { bearer: false },
};

/** Options of which the configuration can express only a part: every request is denied. */
const denied = /^(?:no bearer tokens|roles of the realm|the audience in another claim, else)/;

for (const [title, options] of Object.entries(proxies))
  test(`strictness – ${title}: no token passes that oauth2-proxy refuses`, async (t) => {
    const proxy = { ...defaults, ...options };
    const { written, report } = migrate({ flags: flagsOf(proxy) });
    if (!written) return t.fail(report.join('\n'));
    const issuers = Object.fromEntries(
      Object.entries(written.issuers ?? {}).map(([name, issuer]) => [
        name,
        { ...issuer, jwks: { keys: [signer.publicJwk] } },
      ]),
    );
    const peerproof = await startPeerproof({
      ...written,
      issuers,
      listen: { http: '127.0.0.1:0', grpc: '127.0.0.1:0', admin: '127.0.0.1:0' },
    });
    let passed = 0;
    try {
      for (const variant of variants) {
        const claims = { ...ordinary, ...variant };
        const known = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
        const expired = !(typeof claims.exp === 'number' && claims.exp > now);
        const { status } = await fetch(`http://127.0.0.1:${peerproof.httpPort}/orders`, {
          headers: { authorization: `Bearer ${signer.sign(claims)}` },
        });
        if (status !== 200) continue;
        passed++;
        t.true(passes(proxy, known) && !expired, JSON.stringify(variant));
      }
    } finally {
      await peerproof.drain();
    }
    if (denied.test(title)) t.is(passed, 0);
    else t.true(passed > 0, report.join('\n'));
  });

test('strictness – with the least, the ordinary token passes both', (t) => {
  t.true(passes(defaults, ordinary));
});
