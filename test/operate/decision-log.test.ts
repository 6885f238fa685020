import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import type { VerifiedToken } from '../../src/core/token/verified-token.ts';
import { decisionFields, optionalFields } from '../../src/operate/decision-field.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { ecsNames } from '../../src/operate/ecs.ts';
import { allowOf } from '../support/answers.ts';
import { NOW, type Presented } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { logLineOf } from '../support/log-lines.ts';
import { corp, gateway, partner, shop, till, world } from '../support/orders-world.ts';
import { goodClaims, ISSUER } from '../support/token-fixture.ts';
import { GATEWAY, SHOP, xfccOf } from '../support/workload-fixture.ts';

const bound = corp.sign(
  goodClaims({ cnf: { 'x5t#S256': shop.thumbprint }, client_id: 'shop', scope: 'a b' }),
);
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

test('decision log – an allow: exactly these fields', async (t) => {
  world.clock.now = NOW + 7_000;
  const { line, entry } = await logLineOf(world, {
    path: '/orders/7?secret=1',
    method: 'POST',
    token: bound,
    certificate: gateway,
    headers: {
      'x-forwarded-client-cert': `${xfccOf(shop, SHOP)},${xfccOf(gateway, GATEWAY)}`,
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      'x-request-id': 'request-1',
      'user-agent': 'curl',
      cookie: 'session=1',
    },
  });
  world.clock.now = NOW;
  const { time, decision_id: id, ...rest } = entry;
  t.regex(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.regex(String(id), /^decision-\d+$/);
  t.deepEqual(rest, {
    level: 30,
    effect: 'allow',
    reason: 'allowed',
    rule: 'default',
    subject: 'alice',
    issuer: ISSUER,
    client_id: 'shop',
    scopes: ['a', 'b'],
    spiffe_id: SHOP,
    bound_by: 'certificate',
    door: 'grpc',
    method: 'POST',
    host: 'orders.example.com',
    path: '/orders/7',
    peer_from: 'xfcc',
    via: GATEWAY,
    token_kind: 'access-token',
    alg: 'RS256',
    kid: corp.kid,
    key_age_s: 7,
    cache_hit: false,
    duration_us: 123,
    trace_id: trace,
    request_id: 'request-1',
    user_agent: 'curl',
    schema: 1,
  });
  t.true(line.endsWith('}\n'));
  t.is(line.indexOf('\n'), line.length - 1);
});

test('decision log – a client that sent no token: its name and its peer', async (t) => {
  const { entry } = await logLineOf(world, {
    ...{ method: 'POST', path: '/token', certificate: shop, body: 'grant_type=client_credentials' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  t.like(entry, {
    reason: 'allowed',
    rule: 'token',
    client_id: 'shop',
    spiffe_id: SHOP,
    bound_by: 'workload',
  });
  t.is(entry.subject, undefined);
  t.is(entry.token_kind, undefined);
});

test('decision log – a refusal before any proof has only the fields of the request', async (t) => {
  const { entry } = await logLineOf(world, { path: '/orders/7' });
  t.deepEqual(Object.keys(entry).toSorted(), [
    'decision_id',
    'detail',
    'door',
    'duration_us',
    'effect',
    'host',
    'level',
    'method',
    'path',
    'reason',
    'rule',
    'schema',
    'time',
  ]);
  t.like(entry, { effect: 'deny', reason: 'token_missing' });
});

test('decision log – a refusal says why, an allow has no detail', async (t) => {
  const { entry } = await logLineOf(world, { path: '/orders/7', token: bound, certificate: till });
  t.like(entry, { reason: 'binding_certificate_mismatch', subject: 'alice', bound_by: undefined });
  t.regex(String(entry.detail), /the peer's thumbprint/);
});

test('decision log – a connection has no request to tell of', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const evidence = {
    peer: {},
    destination: { principal: 'spiffe://a/b', port: 1 },
    context: { policy: 'x' },
  };
  log({ id: 'd', found: {}, effect: 'deny', reason: 'no_rule', detail: 'why' }, evidence, 'grpc', 1, NOW);
  const { time: _, ...entry } = JSON.parse(lines[0] ?? '');
  t.deepEqual(entry, {
    level: 40,
    decision_id: 'd',
    effect: 'deny',
    reason: 'no_rule',
    detail: 'why',
    door: 'grpc',
    destination: 'spiffe://a/b',
    duration_us: 1,
    schema: 1,
  });
});

const outage = { effect: 'unavailable', reason: 'overloaded', detail: 'why' } as const;
const denial = { effect: 'deny', reason: 'no_rule', detail: 'why' } as const;
const observed = {
  effect: 'allow',
  reason: 'observed',
  wouldDeny: { reason: 'scope_missing', detail: 'why' },
};
const nothing = { peer: {}, destination: { principal: '', port: 0 }, context: {} };

test('decision log – an allow is info, a denial is a warning, also an observed one, an outage is an error', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const allow = allowOf({});
  for (const decision of [denial, outage, allow, observed, outage, denial])
    log({ id: 'd', found: {}, ...decision } as Decision, nothing, 'grpc', 1, NOW);
  t.deepEqual(
    lines.map((line) => JSON.parse(line).level),
    [40, 50, 30, 40, 50, 40],
  );
});

test('decision log – the ID of a token, but not of an opaque one, whose ID may be the token itself', async (t) => {
  const claims = { cnf: { 'x5t#S256': shop.thumbprint } };
  const idOf = async (jti: unknown) => {
    const token = corp.sign(goodClaims({ ...claims, jti }));
    return (await logLineOf(world, { path: '/orders/7', token, certificate: shop })).entry.jti;
  };
  t.is(await idOf('b7a1'), 'b7a1');
  t.is(await idOf('x'.repeat(600)), `${'x'.repeat(512)}…`);
  for (const other of [7, '', ['b7a1'], undefined]) t.is(await idOf(other), undefined);
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const token = { kind: 'opaque-token', scopes: [], claims: { jti: 'secret' } } as unknown as VerifiedToken;
  log({ id: 'd', ...denial, found: { token } }, nothing, 'grpc', 1, NOW);
  t.false(lines[0]?.includes('secret'));
});

test('decision log – a field that is left out is in no line, whatever its place', (t) => {
  for (const field of optionalFields) {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const of = { version: 'v', node: 'n' };
    for (const omit of [[], [field]])
      createDecisionLog({ write }, { format: 'json', omit, ...of })(everything, told, 'grpc', 1, NOW, 0.5);
    const [whole = {}, less = {}] = lines.map((line): Record<string, unknown> => JSON.parse(line));
    t.true(field in whole, field);
    delete whole[field];
    t.deepEqual(Object.keys(less), Object.keys(whole));
  }
});

test('decision log – the names of the Elastic Common Schema: one for each field, and none is a part of another', (t) => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const of = { version: 'v', node: 'n' };
  for (const format of ['json', 'ecs'] as const)
    createDecisionLog({ write }, { format, omit: [], ...of })(everything, told, 'grpc', 7, NOW, 0.5);
  const [plain = {}, ecs = {}] = lines.map((line): Record<string, unknown> => JSON.parse(line));
  for (const field of decisionFields)
    t.deepEqual(ecs[ecsNames[field]], field === 'duration_us' ? 7_000 : plain[field], field);
  t.like(ecs, {
    'log.level': 'warn',
    'service.type': 'peerproof',
    'event.dataset': 'peerproof.decision',
    'event.kind': 'event',
    'event.category': ['network'],
    'event.type': ['access', 'allowed'],
    'event.outcome': 'success',
  });
  t.regex(String(ecs['@timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const names = Object.keys(ecs);
  t.is(names.length, decisionFields.length + 9);
  for (const name of names)
    for (const other of names) t.false(other.startsWith(`${name}.`), `${name}, ${other}`);
});

test('decision log – an allow is a success in the Elastic Common Schema, everything else is a failure', (t) => {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) }, { format: 'ecs', omit: [] });
  for (const decision of [allowOf({}), { id: 'd', found: {}, ...outage }])
    log(decision, nothing, 'grpc', 1, NOW);
  const [allowed, refused] = lines.map((line) => JSON.parse(line));
  t.like(allowed, { 'log.level': 'info', 'event.outcome': 'success', 'event.type': ['access', 'allowed'] });
  t.like(refused, { 'log.level': 'error', 'event.outcome': 'failure', 'event.type': ['access', 'denied'] });
});

/** A decision and a check with a value for each field. */
const everything = {
  id: 'd',
  ...observed,
  found: {
    rule: { name: 'orders' },
    path: '/orders/7',
    boundBy: 'certificate',
    peer: { source: 'xfcc', spiffeId: { uri: SHOP }, via: { uri: GATEWAY } },
    sender: { subject: SHOP },
    transaction: { txn: 't' },
    token: {
      ...{ kind: 'service-account', iss: ISSUER, subject: 'alice', clientId: 'shop', scopes: ['a', 'b'] },
      ...{ algorithm: 'RS256', kid: 'k', keyFetchedAt: NOW - 7_000, cached: true },
      claims: { jti: 'j', act: { sub: SHOP, act: { sub: 'till' } } },
      serviceAccount: { namespace: 'n', name: 's', pod: 'p', node: 'w', credentialId: 'JTI=j' },
    },
  },
} as unknown as Decision;
const told: Evidence = {
  ...nothing,
  destination: { principal: SHOP, port: 1 },
  sourceAddress: '192.0.2.1',
  request: {
    method: 'GET',
    host: 'orders.example.com',
    path: '/orders/7',
    headers: {
      'x-request-id': 'r',
      'user-agent': 'curl',
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    },
  },
};

const stranger = createSigner('ES256');
const secrets = { query: 'query-secret', cookie: 'cookie-secret', api: 'api-key-secret', body: 'x-secret' };
/** A check that ends at each step of the pipeline, and each brings secrets along. */
const tokens: [string, string][] = [
  ['allowed', bound],
  ['malformed', `${bound}.more`],
  ['too large', corp.sign(goodClaims({ filler: 'f'.repeat(20_000) }))],
  ['of another key', stranger.sign(goodClaims())],
  ['with a bad signature', stranger.sign(goodClaims(), { alg: 'RS256', kid: corp.kid })],
  ['of another issuer', corp.sign(goodClaims({ iss: 'https://x.example' }))],
  ['of another audience', corp.sign(goodClaims({ aud: 'x' }))],
  ['expired', corp.sign(goodClaims({ exp: 1 }))],
  ['with an odd claim', corp.sign(goodClaims({ scope: 7 }))],
  ['of another kind', corp.sign(goodClaims({ nonce: 'n' }))],
  ['with a header of its own', corp.sign(goodClaims(), { alg: 'none' })],
  ['unbound', corp.sign(goodClaims())],
  ['of a partner', partner.sign(goodClaims())],
];
const carriers: [string, (token: string) => Presented][] = [
  ['in the header', (token) => ({ token })],
  ['twice', (token) => ({ authorization: `Bearer ${token},Bearer ${token}` })],
  ['with rubbish behind', (token) => ({ authorization: `Bearer ${token} x` })],
  ['as Basic', (token) => ({ authorization: `Basic ${token}` })],
  ['in the query', (token) => ({ path: `/orders/7?access_token=${token}` })],
  ['in a query of a path that is refused', (token) => ({ path: `/orders//7?access_token=${token}` })],
  ['in a fragment of a path that is refused', (token) => ({ path: `/orders/7#access_token=${token}` })],
];
for (const [kind, token] of tokens)
  for (const [carrier, present] of carriers)
    test(`decision log – a token ${kind}, ${carrier}: no part of it and no secret in the line`, async (t) => {
      const presented = present(token);
      const { line } = await logLineOf(world, {
        certificate: shop,
        ...presented,
        path: presented.path ?? `/orders/7?key=${secrets.query}`,
        headers: { cookie: secrets.cookie, 'x-api-key': secrets.api, 'x-other': secrets.body },
      });
      for (const part of token.split('.').filter((each) => each.length > 8)) {
        t.false(line.includes(part));
        t.false(line.includes(part.slice(0, 40)));
        t.false(line.includes(part.slice(-40)));
      }
      for (const secret of Object.values(secrets)) t.false(line.includes(secret));
    });
