import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createCheck } from '../../src/core/check.ts';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { decisionMetadata } from '../../src/core/identity/metadata.ts';
import { headersOf } from '../support/check-wire.ts';
import { type Answer, createCheckWorld, evidenceFor, NOW, type Presented } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { logLineOf } from '../support/log-lines.ts';
import { goodClaims, ISSUER, inlineIssuer, OTHER_ISSUER } from '../support/token-fixture.ts';
import { createWorkloads, SHOP, TILL, TRUST_DOMAIN } from '../support/workload-fixture.ts';

const [corp, partner] = [createSigner('RS256'), createSigner('ES256')];
const { shop, till, foreign } = await createWorkloads();

const base: Omit<ConfigInput, 'rules'> = {
  issuers: {
    corp: inlineIssuer([corp]),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER, audiences: ['partners'] }),
  },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
};
const world = await createCheckWorld({
  ...base,
  rules: [
    {
      name: 'whole',
      mode: 'observe',
      match: { paths: ['/whole'] },
      require: { issuers: ['corp'], peers: [SHOP], scopes: ['orders.write'] },
    },
    {
      name: 'parts',
      match: { paths: ['/parts'] },
      require: {
        issuers: ['corp'],
        peers: [SHOP],
        scopes: ['orders.write'],
        claims: { tenant: 'blue' },
        binding: ['certificate'],
        observe: ['peers', 'scopes', 'binding'],
      },
    },
    { name: 'strict', match: { paths: ['/strict'] } },
    { name: 'database', mode: 'observe', match: { protocol: 'tcp' }, require: { peers: [SHOP] } },
  ],
});
const service = await createCheckWorld({
  ...base,
  mode: 'observe',
  rules: [{ name: 'orders', match: { paths: ['/orders'] }, require: { scopes: ['orders.write'] } }],
});

const cnf = { 'x5t#S256': shop.thumbprint };
const bound = corp.sign(goodClaims({ cnf }));
const complete = corp.sign(goodClaims({ cnf, scope: 'orders.write', tenant: 'blue' }));
const forged = { 'x-auth-request-user': 'admin', 'x-spiffe-id': SHOP };

/** The request passes, and this is all that the application learns about its sender. */
function isObserved(
  t: ExecutionContext,
  { decision, response }: Answer,
  reason: string,
  known: { user?: string; peer?: string } = {},
): void {
  t.like(decision, { effect: 'allow', reason: 'observed' });
  t.is(decision.reason === 'observed' && decision.wouldDeny.reason, reason as never);
  t.is(response.status?.code, 0);
  t.is(response.deniedResponse, undefined);
  const { headers, headersToRemove = [] } = response.okResponse ?? {};
  const set = headersOf(headers);
  for (const [name, value] of [
    ['x-auth-request-user', known.user],
    ['x-auth-request-issuer', known.user && ISSUER],
    ['x-spiffe-id', known.peer],
  ] as const) {
    t.is(set[name], value, name);
    t.is(headersToRemove.includes(name), value === undefined, `${name} is removed`);
  }
  // Later filters of the proxy may believe the metadata as the application believes the headers.
  t.is(decisionMetadata(decision).subject, known.user);
  t.is(decisionMetadata(decision).spiffe_id, known.peer);
}

const whole: [string, Presented, reason: string, known: { user?: string; peer?: string }][] = [
  ['nothing', {}, 'peer_missing', {}],
  ['a peer without a token', { certificate: shop }, 'token_missing', { peer: SHOP }],
  [
    'a token that lacks a scope',
    { certificate: shop, token: bound },
    'scope_missing',
    { peer: SHOP, user: 'alice' },
  ],
  [
    'a peer that is not allowed, with a token of its own',
    { certificate: till, token: corp.sign(goodClaims({ sub: TILL })) },
    'peer_not_allowed',
    { peer: TILL, user: TILL },
  ],
  ['a stolen token', { certificate: till, token: bound }, 'peer_not_allowed', { peer: TILL }],
  [
    'a token without a binding',
    { certificate: shop, token: corp.sign(goodClaims()) },
    'binding_missing',
    { peer: SHOP },
  ],
  [
    'a token that has expired',
    { certificate: shop, token: corp.sign(goodClaims({ cnf, exp: 1 })) },
    'token_expired',
    { peer: SHOP },
  ],
  [
    'a token that somebody else signed',
    { certificate: shop, token: partner.sign(goodClaims({ cnf })) },
    'token_key_unknown',
    { peer: SHOP },
  ],
  [
    'a token of an issuer that the rule does not accept',
    {
      certificate: shop,
      token: partner.sign(goodClaims({ cnf, iss: OTHER_ISSUER, aud: 'partners' })),
    },
    'token_issuer_not_allowed',
    { peer: SHOP },
  ],
  ['a peer that is refused', { certificate: foreign, token: bound }, 'peer_trust_domain_not_allowed', {}],
  [
    'a header that is no token',
    { certificate: shop, authorization: 'Bearer a b' },
    'authorization_malformed',
    { peer: SHOP },
  ],
];
for (const [title, presented, reason, known] of whole)
  test(`observe – a rule with mode: observe lets ${title} pass, and forged headers do not stay`, async (t) => {
    isObserved(t, await world.check({ path: '/whole', headers: forged, ...presented }), reason, known);
  });

test('observe – a request that meets the rule is allowed as everywhere', async (t) => {
  for (const path of ['/whole', '/parts'])
    isAllowed(t, await world.check({ path, certificate: shop, token: complete }));
});

test('observe – the log says why the request would be refused, and whose token it has', async (t) => {
  const { entry } = await logLineOf(world, { path: '/whole', certificate: foreign, token: bound });
  t.like(entry, {
    effect: 'allow',
    reason: 'observed',
    would_deny: 'peer_trust_domain_not_allowed',
    rule: 'whole',
    path: '/whole',
    subject: 'alice',
    issuer: ISSUER,
  });
  t.regex(String(entry.detail), /evil\.example/);
  t.false('bound_by' in entry);
});

const parts: [string, Presented, reason: string, known: { user?: string; peer?: string }][] = [
  [
    'a peer that is not named',
    {
      certificate: till,
      token: corp.sign(
        goodClaims({ cnf: { 'x5t#S256': till.thumbprint }, scope: 'orders.write', tenant: 'blue' }),
      ),
    },
    'peer_not_allowed',
    { peer: TILL, user: 'alice' },
  ],
  [
    'a scope that is missing',
    { certificate: shop, token: corp.sign(goodClaims({ cnf, tenant: 'blue' })) },
    'scope_missing',
    { peer: SHOP, user: 'alice' },
  ],
  [
    'a token that is not bound, whose user is not believed',
    { certificate: shop, token: corp.sign(goodClaims({ scope: 'orders.write', tenant: 'blue' })) },
    'binding_missing',
    { peer: SHOP },
  ],
  ['a stolen token', { certificate: till, token: complete }, 'peer_not_allowed', { peer: TILL }],
  ['several at once', { token: corp.sign(goodClaims({ tenant: 'blue' })) }, 'peer_missing', {}],
];
for (const [title, presented, reason, known] of parts)
  test(`observe – single requirements: ${title}`, async (t) => {
    isObserved(t, await world.check({ path: '/parts', headers: forged, ...presented }), reason, known);
  });

const enforced: [string, Presented, reason: Parameters<typeof isRefused>[2]][] = [
  ['no token', { certificate: shop }, 'token_missing'],
  ['another claim', { certificate: shop, token: bound }, 'claim_mismatch'],
  ['another claim of a token that is not bound', { certificate: till, token: bound }, 'claim_mismatch'],
  ['an expired token', { certificate: shop, token: corp.sign(goodClaims({ cnf, exp: 1 })) }, 'token_expired'],
  [
    'an expired token of a peer that is not named',
    { token: corp.sign(goodClaims({ exp: 1 })) },
    'token_expired',
  ],
  [
    'a peer of another trust domain',
    { certificate: foreign, token: complete },
    'peer_trust_domain_not_allowed',
  ],
];
for (const [title, presented, reason] of enforced)
  test(`observe – what a rule does not observe is enforced: ${title}`, async (t) => {
    isRefused(t, await world.check({ path: '/parts', ...presented }), reason);
  });

test('observe – another rule, and a request without a rule, are not concerned', async (t) => {
  isRefused(t, await world.check({ path: '/strict', certificate: shop }), 'token_missing');
  isRefused(t, await world.check({ path: '/elsewhere' }), 'no_rule');
  isRefused(t, await world.check({ path: '/x/../whole' }), 'path_ambiguous');
});

test('observe – a connection', async (t) => {
  const { decision, response } = await world.connect({ certificate: till });
  t.like(decision, { reason: 'observed', wouldDeny: { reason: 'peer_not_allowed' } });
  t.is(decision.found.peer?.spiffeId?.uri, TILL);
  t.is(response.status?.code, 0);
});

test('observe – of the whole service: a request without a rule is judged as far as possible', async (t) => {
  for (const path of ['/elsewhere', '/x/../orders']) {
    const presented = { path, certificate: shop, token: bound, headers: forged };
    const reason = path === '/elsewhere' ? 'no_rule' : 'path_ambiguous';
    isObserved(t, await service.check(presented), reason, { peer: SHOP, user: 'alice' });
    isObserved(t, await service.check({ ...presented, certificate: till }), reason, { peer: TILL });
    isObserved(t, await service.check({ path, headers: forged }), reason);
    const { entry } = await logLineOf(service, presented);
    t.like(entry, { would_deny: reason, subject: 'alice', spiffe_id: SHOP, bound_by: 'certificate', path });
    t.false('rule' in entry);
  }
  isObserved(t, await service.check({ path: '/orders', certificate: shop }), 'token_missing', { peer: SHOP });
  const connection = await service.connect({ certificate: shop }, 5432);
  t.like(connection.decision, { reason: 'observed', wouldDeny: { reason: 'no_rule' } });
  t.is(connection.decision.found.peer?.spiffeId?.uri, SHOP);
});

test('observe – of the whole service: a request without a rule names no user whom a rule does not accept', async (t) => {
  const ofPartner = partner.sign(goodClaims({ cnf, iss: OTHER_ISSUER, aud: 'partners' }));
  const rule = (name: string, issuers: string[]) => ({
    name,
    match: { paths: [`/${name}`] },
    require: { issuers },
  });
  for (const [rules, user] of [
    [[rule('orders', ['corp'])], 'alice'],
    [[rule('orders', ['corp']), rule('partners', ['partner'])], undefined],
  ] as const) {
    const observed = await createCheckWorld({ ...base, mode: 'observe', rules: [...rules] });
    for (const path of ['/Orders', '/x/../orders']) {
      const reason = path === '/Orders' ? 'no_rule' : 'path_ambiguous';
      const presented = { path, certificate: shop, headers: forged };
      isObserved(t, await observed.check({ ...presented, token: ofPartner }), reason, { peer: SHOP });
      const known = { peer: SHOP, ...(user && { user }) };
      isObserved(t, await observed.check({ ...presented, token: bound }), reason, known);
      const { entry } = await logLineOf(observed, { ...presented, token: ofPartner });
      t.is(entry.subject, 'alice');
    }
  }
});

test('observe – the lists of the proxy are observed with a whole rule, and enforced beside single requirements', async (t) => {
  const decide = (path: string) =>
    world.decide(
      { ...evidenceFor({ path, certificate: shop, token: bound }), allowLists: { groups: ['admins'] } },
      'forward-auth',
      Number.POSITIVE_INFINITY,
    );
  t.like(await decide('/whole'), { effect: 'allow', wouldDeny: { reason: 'group_not_allowed' } });
  t.like(await decide('/strict'), { effect: 'deny', reason: 'group_not_allowed' });
  t.like(await decide('/parts'), { effect: 'deny', reason: 'group_not_allowed' });
});

const unread: [string, Partial<Evidence>, reason: Parameters<typeof isRefused>[2]][] = [
  ['that is malformed', { flaw: new Denial('check_malformed') }, 'check_malformed'],
  ['whose headers are too large', { flaw: new Denial('request_too_large') }, 'request_too_large'],
  ['of a proxy that may not ask', { flaw: new Denial('proxy_not_allowed') }, 'proxy_not_allowed'],
  ['that is incomplete', { outage: new DependencyError('check_incomplete', 'x', 1) }, 'check_incomplete'],
];
for (const [title, evidence, reason] of unread)
  test(`observe – a check ${title} never passes, because its headers are not known`, async (t) => {
    const decision = await service.decide(
      { ...evidenceFor({}), ...evidence },
      'grpc',
      Number.POSITIVE_INFINITY,
    );
    t.is(decision.reason, reason);
    t.not(decision.effect, 'allow');
  });

test('observe – an outage of an issuer passes with what was proven before it', async (t) => {
  const server = await startJwksServer({ signers: [corp] });
  t.teardown(() => server.stop());
  await server.down();
  const rules: ConfigInput['rules'] = [
    { name: 'whole', mode: 'observe', match: { paths: ['/whole'] } },
    { name: 'parts', require: { scopes: ['x'], observe: ['scopes'] } },
  ];
  const remote = { issuer: server.issuer, jwksUri: server.jwksUri, audiences: ['orders'] };
  const down = await createCheckWorld({ ...base, issuers: { remote }, rules });
  t.teardown(() => down.stop());
  const token = corp.sign(goodClaims({ iss: server.issuer, cnf }));
  const presented = { certificate: shop, token, headers: forged };
  isObserved(t, await down.check({ ...presented, path: '/whole' }), 'issuer_unavailable', { peer: SHOP });
  isRefused(t, await down.check({ ...presented, path: '/parts' }), 'issuer_unavailable');
});

/** `decide` with a policy that is broken in one place. */
function decideWith(change: Partial<typeof service.policy>, clock = () => NOW) {
  return createCheck({
    stopwatch: () => 0,
    policy: () => ({ ...service.policy, ...change }),
    observer: { started: () => {}, decided: () => {} },
    clock,
    newId: () => 'id-1',
    limits: () => ({ checkTimeout: 5_000 }),
  });
}

test('observe – a bug passes too, unless the identity headers cannot be made', async (t) => {
  const broken = {
    get: () => {
      throw new TypeError('boom');
    },
  } as never;
  const evidence = evidenceFor({ path: '/orders', certificate: shop, token: bound });
  const decision = await decideWith({ tokenCache: broken })(evidence, 'grpc', Number.POSITIVE_INFINITY);
  t.like(decision, { effect: 'allow', reason: 'observed', wouldDeny: { reason: 'internal_error' } });
  const identity = { ...service.policy.identity, removals: undefined as never };
  const without = await decideWith({ identity })(evidence, 'grpc', Number.POSITIVE_INFINITY);
  t.like(without, { effect: 'unavailable', reason: 'internal_error' });
});

test('observe – an answer that is too late passes only if everything is observed', async (t) => {
  let asked = 0;
  const decide = (path: string, policy: typeof service.policy) => {
    asked = 0;
    const clock = () => NOW + (asked++ === 0 ? 0 : 6_000);
    return decideWith(policy, clock)(
      evidenceFor({ path, certificate: shop, token: complete }),
      'grpc',
      Number.POSITIVE_INFINITY,
    );
  };
  t.like(await decide('/orders', service.policy), { wouldDeny: { reason: 'deadline_exceeded' } });
  t.like(await decide('/parts', world.policy), { effect: 'unavailable', reason: 'deadline_exceeded' });
});

test('observe – a configuration that enforces everything is judged once', async (t) => {
  let judged = 0;
  const routes = {
    match(evidence: Evidence) {
      judged++;
      return world.policy.routes.match(evidence);
    },
  } as never;
  await decideWith({ ...world.policy, routes })(
    evidenceFor({ path: '/strict' }),
    'grpc',
    Number.POSITIVE_INFINITY,
  );
  t.is(judged, 1);
});
