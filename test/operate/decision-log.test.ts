import test from 'ava';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
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
  });
  t.true(line.endsWith('}\n'));
  t.is(line.indexOf('\n'), line.length - 1);
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
    level: 30,
    decision_id: 'd',
    effect: 'deny',
    reason: 'no_rule',
    detail: 'why',
    door: 'grpc',
    destination: 'spiffe://a/b',
    duration_us: 1,
  });
});

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
