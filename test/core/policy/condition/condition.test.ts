import test from 'ava';
import { Denial } from '../../../../src/core/denial.ts';
import { condition, type FactsText, facts, outcome } from './conditions.ts';

const met = 'met';
const not = 'condition_not_met';
const failed = 'condition_failed';

const tenant = "claims.tenant == request.headers['x-tenant']";
const absent: FactsText = {};
const cases: readonly [source: string, about: FactsText, expected: string][] = [
  [tenant, { claims: { tenant: 'acme' }, headers: { 'x-tenant': 'acme' } }, met],
  [tenant, { claims: { tenant: 'acme' }, headers: { 'x-tenant': 'other' } }, not],
  [tenant, { claims: { tenant: 'acme' }, headers: { 'x-tenant': 'Acme' } }, not],
  [tenant, { claims: { tenant: 'acme' }, headers: { 'x-tenant': 'acme,acme' } }, not],
  [tenant, { claims: { tenant: ['acme'] }, headers: { 'x-tenant': 'acme' } }, not],
  [tenant, { claims: { tenant: 1 }, headers: { 'x-tenant': '1' } }, not],

  // Two unknowns are not equal, and not different either.
  [tenant, absent, failed],
  [tenant, { claims: { tenant: 'acme' } }, failed],
  [tenant, { headers: { 'x-tenant': 'acme' } }, failed],
  [tenant, { claims: { tenant: '' }, headers: { 'x-tenant': '' } }, failed],
  [tenant, { claims: { tenant: null }, headers: { 'x-tenant': '' } }, failed],
  ["claims.tenant != request.headers['x-tenant']", absent, failed],
  ['claims.a == claims.b', absent, failed],
  ['claims.a == claims.b', { claims: { a: null, b: null } }, failed],
  ['claims.a == claims.b', { claims: { a: '', b: '' } }, failed],
  ['claims.a == null', { claims: { a: null } }, failed],
  ['claims.a.b == claims.a.c', { claims: { a: { b: null, c: '' } } }, failed],
  ["claims.a == ''", absent, failed],
  ["claims.role != 'guest'", absent, failed],
  ["!(claims.role == 'guest')", absent, failed],
  ["!(claims.role in ['guest'])", absent, failed],
  ["!claims.role.startsWith('g')", absent, failed],
  ['!claims.blocked', absent, failed],
  ['peer.namespace == serviceAccount.namespace', { peer: 'none', serviceAccount: 'none' }, failed],
  ["peer.via != 'spiffe://a/b'", { peer: 'none' }, failed],
  ['token.subject == token.client_id', { token: { subject: undefined, clientId: undefined } }, failed],
  ['token.subject == token.client_id', { token: { subject: '', clientId: '' } }, failed],
  ['serviceAccount.pod == serviceAccount.node', { serviceAccount: 'none' }, failed],
  ['claims.list[3] == claims.list[4]', { claims: { list: [] } }, failed],

  // Asking whether something is there.
  ['has(claims.tenant)', absent, not],
  ['has(claims.tenant)', { claims: { tenant: 'a' } }, met],
  ['has(claims.tenant)', { claims: { tenant: '' } }, not],
  ['has(claims.tenant)', { claims: { tenant: null } }, not],
  ['has(claims.tenant)', { claims: { tenant: false } }, met],
  ["!has(claims.act) && token.subject == 'alice'", absent, met],
  ['has(claims.a.b)', { claims: { a: {} } }, not],
  ['has(claims.a.b)', { claims: { a: { b: 1 } } }, met],
  ['has(claims.a.b)', absent, failed],
  ["'x-tenant' in request.headers", absent, not],
  ["'x-tenant' in request.headers", { headers: { 'x-tenant': '' } }, not],
  ["'x-tenant' in request.headers", { headers: { 'x-tenant': 'a' } }, met],
  ['has(request.headers.accept)', { headers: { accept: 'a' } }, met],
  ['has(request.headers.accept)', absent, not],
  ["'tenant' in claims", { claims: { tenant: 'a' } }, met],
  ["'tenant' in claims", absent, not],
  ['has(token.client_id)', { token: { clientId: undefined } }, not],
  ['has(peer.spiffe_id)', { peer: 'none' }, not],
  ['has(peer.spiffe_id)', absent, met],
  ['has(serviceAccount.pod)', { serviceAccount: 'none' }, not],
  [
    "has(claims.role) && claims.role == 'admin' || request.method == 'GET'",
    { request: { method: 'GET' } },
    met,
  ],
  ["has(claims.role) && claims.role == 'admin' || request.method == 'GET'", absent, not],

  // What each name stands for.
  ["request.method == 'POST' && request.path == '/orders/1'", absent, met],
  ["request.host == 'orders.example.com'", absent, met],
  ["request.host == 'orders.example.com'", { host: 'unsure' }, failed],
  ["request.path.startsWith('/orders/')", absent, met],
  ["token.issuer == 'corp' && token.client_id == 'shop'", absent, met],
  ["'orders.write' in token.scopes && 'orders' in token.audiences", absent, met],
  ["'orders' in token.scopes", absent, not],
  ["peer.spiffe_id == 'spiffe://cluster.local/ns/applications/sa/oauthclient'", absent, met],
  [
    "peer.trust_domain == 'cluster.local' && peer.source == 'xfcc' && peer.thumbprint == 'thumb'",
    absent,
    met,
  ],
  ['peer.namespace == serviceAccount.namespace && peer.service_account == serviceAccount.name', absent, met],
  ["peer.via.endsWith('/istio-ingressgateway-service-account')", absent, met],
  [
    "serviceAccount.pod.startsWith(serviceAccount.name + '-') && serviceAccount.node == 'worker-1'",
    absent,
    met,
  ],
  ['claims.kubernetes == 1', { claims: { kubernetes: 1 } }, met],
  ["claims['kubernetes.io'].pod.name == 'a'", { claims: { 'kubernetes.io': { pod: { name: 'a' } } } }, met],
  ["claims['https://a.example/x'] == 'y'", { claims: { 'https://a.example/x': 'y' } }, met],
  ["claims[request.headers['x-name']] == 'y'", { claims: { n: 'y' }, headers: { 'x-name': 'n' } }, met],
  ["request.headers[claims.name] == 'y'", { claims: { name: 'x-a' }, headers: { 'x-a': 'y' } }, met],
  ['claims.exists(name, name.startsWith("urn:"))', { claims: { a: 1, 'urn:x': 1 } }, met],
  ['request.headers.exists(name, name.startsWith("x-evil"))', { headers: { 'x-evil-1': 'y' } }, met],

  // Types that only the claims show.
  ['claims.level >= 3', { claims: { level: 3 } }, met],
  ['claims.level >= 3', { claims: { level: 2.5 } }, not],
  ['claims.level >= 3', { claims: { level: '3' } }, failed],
  ['claims.level == 3', { claims: { level: 3 } }, met],
  ['claims.level == 3', { claims: { level: '3' } }, not],
  ['claims.level in [1, 3]', { claims: { level: 3 } }, met],
  ['int(claims.level) + 1 == 4', { claims: { level: 3 } }, met],
  ['int(claims.level) + 1 == 4', { claims: { level: 'x' } }, failed],
  ['claims.level / 0 == 1', { claims: { level: 1 } }, failed],
  ['int(claims.level) / 0 == 1', { claims: { level: 1 } }, failed],
  ['int(claims.level) * 2 > 0', { claims: { level: 9e18 } }, failed],
  ['claims.ok', { claims: { ok: true } }, met],
  ['claims.ok', { claims: { ok: false } }, not],
  ['claims.ok', { claims: { ok: 'true' } }, failed],
  ['claims.ok', { claims: { ok: 1 } }, failed],
  ['claims.ok', { claims: { ok: {} } }, failed],
  ['claims.ok', { claims: { ok: [true] } }, failed],
  ['!claims.ok', { claims: { ok: 'false' } }, failed],
  ['claims.ok && true', { claims: { ok: 'true' } }, failed],
  ['claims.ok ? true : true', { claims: { ok: 'true' } }, failed],
  ["'adm' in claims.roles", { claims: { roles: 'admin' } }, failed],
  ["'admin' in claims.roles", { claims: { roles: ['user', 'admin'] } }, met],
  ["'admin' in claims.roles", { claims: { roles: { admin: true } } }, met],
  ["'admin' in claims.roles", { claims: { roles: ['user', null, 1, {}] } }, not],
  ["claims.role.startsWith('a')", { claims: { role: ['a'] } }, failed],
  ["claims.roles == ['a', 'b']", { claims: { roles: ['a', 'b'] } }, met],
  ["claims.roles == ['a', 'b']", { claims: { roles: ['b', 'a'] } }, not],
  ['claims.a == claims.b', { claims: { a: { x: [1, { y: 'z' }] }, b: { x: [1, { y: 'z' }] } } }, met],
  ['claims.a == claims.b', { claims: { a: { x: [1, { y: 'z' }] }, b: { x: [1, { y: 'q' }] } } }, not],
  ['claims.a == claims.b', { claims: { a: {}, b: [] } }, not],
  ['size(claims.roles) == 2 && claims.roles.size() == 2', { claims: { roles: ['a', 'b'] } }, met],

  // Loops.
  ["token.scopes.exists(s, s.startsWith('orders.'))", absent, met],
  ["token.scopes.all(s, s == 'orders.read')", absent, not],
  ["token.scopes.exists_one(s, s.endsWith('.read'))", absent, met],
  ["token.scopes.filter(s, s.contains('orders')).size() == 2", absent, met],
  [
    "claims.roles.exists(r, r.name == 'a' && r.tenant == claims.tenant)",
    { claims: { tenant: 't', roles: [{ name: 'a', tenant: 't' }] } },
    met,
  ],
  ['claims.groups.all(g, g in token.scopes)', { claims: { groups: ['orders.read'] } }, met],
  ['claims.groups.all(g, g in token.scopes)', { claims: { groups: ['orders.read', 'x'] } }, not],
  ["claims.groups.all(g, g == 'a')", { claims: { groups: ['a', null] } }, not],
  ["claims.groups.exists(g, g == 'a')", absent, failed],
  ["claims.groups.exists(g, g == 'a')", { claims: { groups: 'a' } }, failed],
  ["claims.groups.exists(g, g.x == 'a')", { claims: { groups: ['a'] } }, failed],
  ["claims.groups.all(g, g.x == 'a')", { claims: { groups: ['a', { x: 'a' }] } }, failed],
  [
    "['a', 'b'].exists(p, claims.groups.exists(g, g.startsWith(p)))",
    { claims: { groups: ['x', 'bee'] } },
    met,
  ],

  // As CEL has it: a side that fails is not needed where the other decides, and never decides itself.
  ["claims.a == 'x' || request.method == 'POST'", absent, met],
  ["claims.a == 'x' || request.method == 'GET'", absent, failed],
  ["claims.a == 'x' && request.method == 'GET'", absent, not],
  ["claims.a == 'x' && request.method == 'POST'", absent, failed],

  // Time is that of the check.
  ['request.time.getHours() == 12 && request.time.getDayOfWeek() == 4', absent, met],
  ["request.time < timestamp('2026-01-01T12:00:00.001Z')", absent, met],
  ["request.time > timestamp('2026-01-01T13:00:00+01:00')", absent, not],
  [
    "request.time - timestamp(int(claims.auth_time)) < duration('1h')",
    { claims: { auth_time: 1_767_268_000 } },
    met,
  ],
  [
    "request.time - timestamp(int(claims.auth_time)) < duration('1h')",
    { claims: { auth_time: 1_767_200_000 } },
    not,
  ],
  [
    "request.time - timestamp(int(claims.auth_time)) < duration('1h')",
    { claims: { auth_time: 1e300 } },
    failed,
  ],
  [
    "request.time - timestamp(int(claims.auth_time)) < duration('1h')",
    { claims: { auth_time: 'x' } },
    failed,
  ],
  ["request.time - timestamp(int(claims.auth_time)) < duration('1h')", absent, failed],
];
for (const [source, about, expected] of cases)
  test(`condition – ${source}, of ${JSON.stringify(about)}: ${expected}`, (t) => {
    t.is(outcome(source, about), expected);
  });

test('condition – a detail names the condition and the place, shortened, and what was read', (t) => {
  const read = { claims: { tenant: 'red' }, headers: { 'x-tenant': 'blue' } };
  t.deepEqual(
    condition(tenant).check(facts(read)),
    new Denial(
      'condition_not_met',
      `${tenant} (claims.tenant is "red", request.headers['x-tenant'] is "blue")`,
    ),
  );
  t.deepEqual(
    condition(`claims.tenant == 'a' ||\n  int(claims.tenant) == 2`).check(facts(read)),
    new Denial(
      'condition_failed',
      `int_conversion_error at line 2, column 3: claims.tenant == 'a' || int(claims.tenant) == 2 (claims.tenant is "red")`,
    ),
  );
  const long = `claims.tenant == '${'x'.repeat(200)}'`;
  t.is(condition(long).check(facts(read))?.detail, `${long.slice(0, 99)}… (claims.tenant is "red")`);
  t.is(
    condition('claims.tenant').check(facts(read))?.detail,
    'the result is not a bool: claims.tenant (claims.tenant is "red")',
  );
});

test('condition – one compiled condition serves many requests, and remembers none of them', (t) => {
  const compiled = condition(`${tenant} && token.scopes.exists(s, s == claims.scope)`);
  const good: FactsText = { claims: { tenant: 'a', scope: 'orders.read' }, headers: { 'x-tenant': 'a' } };
  const ask = (about: FactsText) => compiled.check(facts(about))?.reason ?? met;
  for (let n = 0; n < 3; n++) {
    t.is(ask(good), met);
    t.is(ask({}), failed);
    t.is(ask({ ...good, token: { scopes: [] } }), not);
    t.is(ask({ ...good, headers: {} }), failed);
    t.is(ask({ ...good, claims: { tenant: 'a' } }), failed);
  }
});

test('condition – facts are left as they were', (t) => {
  const about = facts({ claims: { a: ['x', { b: null }], n: null }, headers: { 'x-a': '' } });
  const before = structuredClone(about);
  for (const source of [
    'claims.exists(n, n == "q")',
    'claims.a.filter(x, true).size() == 2',
    'size(request.headers) == 0',
  ])
    condition(source).check(about);
  t.deepEqual(about, before);
});
