import type { SeededRandom } from '../support/seeded-random.ts';

/** The settings of a rule that the generator writes, and that a regression changes. */
export interface WrittenRule {
  name: string;
  match?: {
    protocol?: 'tcp';
    hosts?: string[];
    methods?: string[];
    paths?: string[];
    destinations?: string[];
    context?: Record<string, string>;
    ports?: number[];
  };
  require?: {
    issuers?: string[];
    scopes?: string[];
    claims?: Record<string, string | string[]>;
    serviceAccounts?: string[];
    namespaces?: string[];
    pods?: string[];
    emails?: string[];
    emailDomains?: string[];
    peers?: string[];
    binding?: string[];
    credential?: 'client-assertion';
    when?: string;
    actors?: { allow?: { who: string[]; for?: string[] }[]; maxLength?: number; optional?: boolean };
  };
  public?: true;
}

export interface WrittenIssuer {
  audiences: string[];
  [setting: string]: unknown;
}

export interface WrittenConfiguration {
  issuers: Record<string, WrittenIssuer>;
  peers: { trustDomains: Record<string, object>; gateways?: string[]; from?: string[] };
  clients: Record<string, string[]>;
  hosts?: Record<string, boolean>;
  paths?: Record<string, boolean>;
  identity?: Record<string, unknown>;
  rules: WrittenRule[];
}

/** JSON is YAML too. */
export function textOf(configuration: WrittenConfiguration): string {
  return JSON.stringify(configuration);
}

const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const methods = ['GET', 'POST', 'PUT', 'DELETE'];
const areas = ['orders', 'billing', 'docs', 'users', 'stock'];
const scopes = ['read', 'write', 'admin', 'list'];
const tenants = ['acme', 'umbrella', 'initech', 'hooli'];
const accounts = ['web/shop', 'web/cart', 'jobs/nightly', 'jobs/*', '*/shop'];
const senders = ['ns/web/sa/shop', 'ns/web/sa/*', 'ns/*/sa/cart', 'ns/jobs/sa/nightly', '**'];
const conditions = [
  "claims.tenant == request.headers['x-tenant']",
  "claims.level >= 3 && claims.region == 'eu'",
  "'auditor' in claims.roles",
  "request.method == 'GET' || claims.tenant == 'acme'",
  "!token.scopes.exists(s, s == 'guest')",
  "peer.namespace == 'web'",
  "has(claims.tenant) && claims.tenant.startsWith('ac')",
];

/** A configuration with rules of all kinds. Some overlap, and some lie behind others. */
export function randomConfiguration(random: SeededRandom, count = 24): WrittenConfiguration {
  return {
    issuers: {
      corp: { issuer: 'https://corp.example', audiences: ['api'], jwks: { keys: [key] } },
      partner: {
        issuer: 'https://partner.example',
        audiences: ['api', 'partner-api'],
        jwks: { keys: [key] },
      },
      cluster: {
        issuer: 'https://cluster.example',
        audiences: ['api'],
        trustDomain: 'mesh.example',
        kubernetes: { verify: 'jwks', apiServer: 'https://api.example' },
        ca: 'ca.pem',
      },
    },
    peers: { trustDomains: { 'mesh.example': {} } },
    clients: {
      shop: ['spiffe://mesh.example/ns/web/sa/shop'],
      batch: ['spiffe://mesh.example/ns/jobs/sa/*'],
    },
    rules: Array.from({ length: count }, (_, index) => randomRule(random, `rule-${index}`)),
  };
}

export function randomRule(random: SeededRandom, name: string): WrittenRule {
  const kind = random.integer(12);
  if (kind === 0) return { name, match: randomMatch(random, 0), public: true };
  if (kind === 1) return tcpRule(random, name);
  if (kind === 2) return accountRule(random, name);
  if (kind === 3)
    return {
      name,
      match: { hosts: [`${random.pick(areas)}.example`], methods: ['POST'], paths: ['/token'] },
      require: { issuers: ['cluster'], credential: 'client-assertion' },
    };
  return { name, match: randomMatch(random, 1), require: randomRequirements(random) };
}

function randomMatch(random: SeededRandom, rest: number): NonNullable<WrittenRule['match']> {
  const area = random.pick(areas);
  const has = (share: number) => random.next() < share;
  const hosts = [
    `${area}.example`,
    `${area}.*`,
    '*.example',
    `**.${area}.example`,
    `${area}.eu.example:8443`,
  ];
  const paths = [`/${area}`, `/${area}/*`, `/${area}/**`, `/*/items`, `/${area}/*/items/**`];
  return {
    ...(has(0.8) && { hosts: some(random, hosts, 2) }),
    ...(has(0.6) && { methods: some(random, methods, 3) }),
    ...(has(0.8) && { paths: rest === 0 ? [`/${area}/public/**`] : some(random, paths, 2) }),
    ...(has(0.3) && { destinations: [`spiffe://mesh.example/ns/apps/sa/${random.pick([area, '*'])}`] }),
    ...(has(0.1) && { context: { listener: random.pick(['inner', 'outer']) } }),
    ...(has(0.1) && { ports: [random.pick([8080, 9090])] }),
  };
}

function randomRequirements(random: SeededRandom): NonNullable<WrittenRule['require']> {
  const has = (share: number) => random.next() < share;
  return {
    ...(has(0.5) && { issuers: some(random, ['corp', 'partner'], 1) }),
    ...(has(0.6) && { scopes: some(random, scopes, 2) }),
    ...(has(0.4) && { claims: { tenant: some(random, tenants, 3) } }),
    ...(has(0.2) && { claims: { '/realm/team': random.pick(tenants), tenant: some(random, tenants, 2) } }),
    ...(has(0.15) && { emails: ['ann@corp.example', 'bob@corp.example'] }),
    ...(has(0.1) && { emailDomains: ['corp.example', '.corp.example'] }),
    ...(has(0.3) && { peers: [`spiffe://mesh.example/${random.pick(senders)}`] }),
    ...(has(0.4) && {
      binding: random.pick([['certificate'], ['workload'], ['none'], ['workload', 'none']]),
    }),
    ...(has(0.25) && { when: random.pick(conditions) }),
    ...(has(0.2) && { actors: randomActors(random) }),
  };
}

const acting = ['spiffe://mesh.example/ns/web/sa/shop', 'spiffe://mesh.example/ns/web/sa/*', 'shop', 'batch'];
const subjects = ['alice', 'bob', 'spiffe://mesh.example/ns/jobs/sa/*'];

function randomActors(random: SeededRandom): NonNullable<NonNullable<WrittenRule['require']>['actors']> {
  const has = (share: number) => random.next() < share;
  if (has(0.1)) return { maxLength: 0 };
  const entry = () => ({
    who: some(random, acting, 2),
    ...(has(0.5) && { for: some(random, subjects, 2) }),
  });
  return {
    allow: has(0.3) ? [entry(), entry()] : [entry()],
    ...(has(0.3) && { maxLength: 2 }),
    ...(has(0.2) && { optional: true }),
  };
}

function tcpRule(random: SeededRandom, name: string): WrittenRule {
  return {
    name,
    match: {
      protocol: 'tcp',
      ports: [random.pick([5432, 6379])],
      ...(random.next() < 0.5 && { destinations: ['spiffe://mesh.example/ns/apps/sa/db'] }),
    },
    require: { peers: [`spiffe://mesh.example/${random.pick(senders.slice(0, 4))}`] },
  };
}

function accountRule(random: SeededRandom, name: string): WrittenRule {
  return {
    name,
    match: randomMatch(random, 1),
    require: {
      issuers: ['cluster'],
      serviceAccounts: some(random, accounts, 2),
      ...(random.next() < 0.3 && { namespaces: ['web', 'jobs'] }),
      ...(random.next() < 0.2 && { pods: ['*/pod-0'] }),
      ...(random.next() < 0.3 && { scopes: [random.pick(scopes)] }),
    },
  };
}

/** One to `most` of them, each once. */
function some<T>(random: SeededRandom, from: readonly T[], most: number): T[] {
  const count = 1 + random.integer(Math.min(most, from.length));
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)[0] as T);
}
