import type { ConfigInput } from '../../src/config/schema.ts';
import { minting } from '../support/internal-token.ts';
import { bundleOf } from '../support/wit-fixture.ts';
import type { WorldName } from './case.ts';
import {
  CLUSTER,
  type Fixture,
  GATEWAY,
  ISSUER,
  ORDERS,
  PARTNER,
  PROTECTED_RESOURCE,
  SHOP,
  SPIRE,
  TILL,
  TRUST_DOMAIN,
} from './fixture.ts';
import { publishedSecretJwk } from './keys.ts';
import type { StandIns } from './stand-ins.ts';

type Issuers = NonNullable<ConfigInput['issuers']>;
type Issuer = Issuers[string];
type Rules = ConfigInput['rules'];

/** Every configuration that cases are held against. */
export function worlds(fixture: Fixture, standIns: StandIns): Readonly<Record<WorldName, ConfigInput>> {
  const main = mainWorld(fixture);
  return {
    main,
    asked: askedWorld(standIns),
    oauth2: {
      ...main,
      identity: { preset: 'oauth2-proxy', passAccessToken: true, passAuthorization: true },
    },
    chained: {
      ...main,
      dpop: { nonce: { keyFile: standIns.files.nonceKey } },
      peers: {
        ...main.peers,
        trustDomains: {
          [TRUST_DOMAIN]: { bundle: standIns.files.bundle },
          'partner.example': { bundle: standIns.files.partnerBundle },
        },
      },
    },
    owned: { ...main, ...ownedRules },
    revoked: { ...main, revocation: { file: standIns.files.revocations } },
    minting: {
      ...main,
      identity: minting([standIns.files.own], { format: 'txn-token', trustDomain: TRUST_DOMAIN }),
    },
    header: {
      ...main,
      peers: { ...main.peers, from: ['x-client-certificate', 'attribute', 'xfcc', 'principal'] },
    },
  };
}

function mainWorld(fixture: Fixture): ConfigInput {
  return {
    issuers: issuersOf(fixture),
    peers: { trustDomains: { [TRUST_DOMAIN]: {}, 'partner.example': {} }, gateways: [GATEWAY] },
    clients: {
      shop: [SHOP],
      till: { workloads: [TILL], issuers: ['corp'] },
      'partner-only': { workloads: [SHOP], issuers: ['partner'] },
      ...{ [TILL]: [SHOP], 'orders-web': [ORDERS], 'orders-batch': [ORDERS] },
    },
    identity: { headers: { 'x-tenant-id': { claim: 'tenant' } } },
    resourceMetadata: [{ resource: PROTECTED_RESOURCE }],
    wit: { origins: { 'orders.example.com': 'https://orders.example.com' }, drafts: ['wpt-02', 'wpt-01'] },
    rules,
  };
}

/** Keys in the configuration, so that no request is needed. One key of the partner has the same `kid` as one of ours. */
function issuersOf({ keys }: Fixture): Issuers {
  const { rsa, pss, plain, ec, ec384, ed, twin, twin2 } = keys;
  // Without `alg`: the key alone says what it may be used for.
  const { alg: _, ...untyped } = plain.publicJwk;
  const { 'x509-svid': x509Svid, ...odd } = keys.odd;
  const jwks = (...list: object[]) => ({ keys: list as Record<string, unknown>[] });
  const common = { audiences: ['orders'], trustDomain: TRUST_DOMAIN };
  return {
    corp: {
      issuer: ISSUER,
      audiences: ['orders', 'orders-v2'],
      jwks: jwks(
        ...[rsa, pss, ec, ec384, ed, twin, twin2].map(({ publicJwk }) => publicJwk),
        untyped,
        ...Object.values(odd).map(({ jwk }) => JSON.parse(JSON.stringify(jwk))),
        publishedSecretJwk,
      ),
    },
    partner: {
      issuer: PARTNER,
      audiences: ['orders', 'partners'],
      accept: 'at+jwt',
      jwks: jwks(keys.partner.publicJwk),
    },
    narrow: {
      issuer: 'https://narrow.example.com',
      audiences: ['orders'],
      algorithms: ['PS256'],
      jwks: jwks({ ...keys.narrow.publicJwk, alg: undefined }),
    },
    exact: {
      issuer: 'https://exact.example.com',
      audiences: ['orders'],
      clockSkew: '0s',
      jwks: jwks(ec.publicJwk),
    },
    crowd: {
      issuer: 'https://crowd.example.com',
      audiences: ['orders'],
      jwks: jwks(...[...keys.crowd, ...keys.anonymous].map(({ publicJwk }) => publicJwk)),
    },
    single: {
      issuer: 'https://single.example.com',
      audiences: ['orders'],
      jwks: jwks(keys.nameless.publicJwk),
    },
    lax: {
      issuer: 'https://lax.example.com',
      audiences: ['orders'],
      allowInsecureNoAudience: true,
      allowInsecureNoExpiry: true,
      jwks: jwks(keys.lax.publicJwk),
    },
    cluster: { issuer: CLUSTER, ...common, accept: 'service-account', jwks: jwks(keys.cluster.publicJwk) },
    spire: {
      issuer: SPIRE,
      ...common,
      accept: 'jwt-svid',
      jwks: jwks(keys.spire.publicJwk, JSON.parse(JSON.stringify(x509Svid.jwk))),
    },
    wits: { accept: 'wit', trustDomain: TRUST_DOMAIN, jwks: bundleOf(keys.wits) },
  } as Issuers;
}

const none = ['none' as const];

/** The first that matches counts. `/bearer` leaves all to the token, `/orders` is what a real rule looks like. */
const rules: Rules = [
  { name: 'health', match: { paths: ['/healthz'] }, public: true },
  { name: 'public', match: { methods: ['GET', 'OPTIONS'], paths: ['/public/**'] }, public: true },
  { name: 'admin', match: { paths: ['/admin/**'] }, require: { scopes: ['admin'], binding: none } },
  { name: 'bearer', match: { paths: ['/bearer/**'] }, require: { binding: none } },
  { name: 'bound', match: { paths: ['/bound/**'] }, require: { binding: ['certificate'] } },
  { name: 'workload', match: { paths: ['/workload/**'] }, require: { binding: ['workload'] } },
  { name: 'peers', match: { paths: ['/peers/**'] }, require: { peers: [SHOP], binding: none } },
  {
    name: 'team',
    match: { paths: ['/team/**'] },
    require: { peers: [`spiffe://${TRUST_DOMAIN}/ns/applications/sa/*`], binding: none },
  },
  {
    name: 'scoped',
    match: { paths: ['/scoped/**'] },
    require: { scopes: ['orders.read', 'orders.write'], binding: none },
  },
  {
    name: 'claims',
    match: { paths: ['/claims/**'] },
    require: { claims: { tenant: 'blue', '/realm/roles': ['admin', 'owner'] }, binding: none },
  },
  {
    name: 'condition',
    match: { paths: ['/condition/**'] },
    require: { when: "claims.tenant == request.headers['x-tenant']", binding: none },
  },
  {
    name: 'actors',
    match: { paths: ['/actors/**'] },
    require: {
      actors: { allow: [{ who: [SHOP, 'till'], for: ['alice'] }], maxLength: 2 },
      binding: ['workload'],
    },
  },
  {
    name: 'perhaps-actors',
    match: { paths: ['/perhaps/**'] },
    require: {
      actors: { allow: [{ who: ['spiffe://cluster.local/ns/*/sa/till'] }], optional: true },
      binding: none,
    },
  },
  {
    name: 'own-only',
    match: { paths: ['/own/**'] },
    require: { actors: { maxLength: 0 }, binding: none },
  },
  { name: 'corp-only', match: { paths: ['/corp/**'] }, require: { issuers: ['corp'], binding: none } },
  {
    name: 'account',
    match: { paths: ['/account/**'] },
    require: { serviceAccounts: ['applications/shop'], binding: ['workload'] },
  },
  { name: 'keyed', match: { paths: ['/keyed/**'] }, require: { binding: ['dpop'] } },
  {
    name: 'proven',
    match: { paths: ['/proven/**'] },
    require: { binding: ['certificate', 'workload', 'dpop'] },
  },
  { name: 'optional', match: { paths: ['/optional/**'] }, require: { token: 'optional' } },
  { name: 'observed', mode: 'observe', match: { paths: ['/observed/**'] } },
  { name: 'context', match: { paths: ['/context/**'], context: { policy: 'open' } }, public: true },
  { name: 'read', match: { methods: ['GET'], paths: ['/orders/**'] } },
  {
    name: 'write',
    match: { methods: ['POST'], paths: ['/orders/**'] },
    require: { scopes: ['orders.write'] },
  },
  {
    name: 'token-endpoint',
    match: { methods: ['POST'], paths: ['/token'] },
    require: { credential: 'client-assertion' },
  },
  {
    name: 'spiffe-token',
    match: { methods: ['POST'], paths: ['/spiffe-token'] },
    require: { credential: 'client-assertion', authorizationServer: 'orders' },
  },
  {
    name: 'certificate-token',
    match: { methods: ['POST'], paths: ['/certificate-token'] },
    require: { credential: 'client-certificate' },
  },
  { name: 'wit', match: { paths: ['/wit/**'] }, require: { credential: 'wit' } },
  { name: 'beside', match: { paths: ['/beside/**'] }, require: { issuers: ['corp'], binding: ['wit'] } },
  { name: 'database', match: { protocol: 'tcp', ports: [5432] }, require: { peers: [SHOP] } },
  { name: 'echo', match: { protocol: 'tcp', ports: [7] }, public: true },
  { name: 'public-host', match: { hosts: ['*.public.test'], methods: ['GET'] }, public: true },
];

/**
 * Teams with rules for their own workloads. Each rule would let something pass at `orders`, which is the workload that is
 * asked for, if it were not tied to another one.
 */
const ownedRules: Pick<ConfigInput, 'rules' | 'workloads'> = {
  rules: [
    {
      name: 'probe',
      match: { destinations: [`spiffe://${TRUST_DOMAIN}/ns/*/sa/probe`], paths: ['/probe'] },
      public: true,
    },
  ],
  workloads: {
    docs: {
      destinations: [
        `spiffe://${TRUST_DOMAIN}/ns/docs/sa/**`,
        `spiffe://${TRUST_DOMAIN}/ns/applications/sa/docs`,
      ],
      rules: [
        { name: 'host', match: { hosts: ['docs.test'] }, public: true },
        { name: 'path', match: { paths: ['/docs/**'] }, public: true },
      ],
    },
    foreign: {
      destinations: ['spiffe://partner.example/ns/applications/sa/orders'],
      rules: [{ name: 'all', public: true }],
    },
    orders: {
      destinations: [ORDERS],
      rules: [
        { name: 'metrics', match: { ports: [9090] }, public: true },
        { name: 'any', match: { hosts: ['orders.example.com'] }, require: { binding: none } },
      ],
    },
    billing: {
      destinations: [`spiffe://${TRUST_DOMAIN}/ns/billing/sa/*`],
      rules: [{ name: 'invoices', require: { scopes: ['invoices'], binding: none } }],
    },
  },
};

/** Issuers that have to be asked, each of which does one thing wrong; the first segment of the path names the issuer. */
function askedWorld({ jwks, reviews, introspections, files }: StandIns): ConfigInput {
  const issuers: Record<string, Issuer> = {};
  // Only one that never answers has to be given up soon: a busy machine is no outage.
  const timeout = (name: string) => (/hang|drip/.test(name) ? '1s' : '20s');
  const base = {
    audiences: ['orders'],
    refresh: '24h',
    keep: '24h',
    trustDomain: TRUST_DOMAIN,
  };
  for (const [name, more] of Object.entries(jwks))
    issuers[name] = { ...base, timeout: timeout(name), ...more };
  for (const [name, apiServer] of Object.entries(reviews))
    issuers[name] = {
      ...base,
      timeout: timeout(name),
      issuer: `https://${name}.example.com`,
      ca: files.ca,
      kubernetes: { verify: 'tokenReview', apiServer, tokenFile: files.token },
    };
  for (const [name, endpoint] of Object.entries(introspections))
    issuers[name] = {
      ...base,
      timeout: timeout(name),
      introspection: { endpoint, clientId: 'peerproof', clientSecretFile: files.secret },
    };
  return {
    issuers,
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    rules: Object.keys(issuers).map((name) => ({
      name,
      match: { paths: [`/${name}/**`] },
      require: { issuers: [name], binding: none },
    })),
  };
}
