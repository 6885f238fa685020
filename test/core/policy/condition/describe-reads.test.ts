import test from 'ava';
import { formatTime } from '../../../../src/lib/time.ts';
import { noon } from '../../peer/world.ts';
import { condition, type FactsText, facts } from './conditions.ts';

/** What the detail says in its last parentheses. */
const told = (source: string, about: FactsText): string => {
  const detail = condition(source).check(facts(about))?.detail ?? 'met';
  return detail.slice(detail.lastIndexOf(' (') + 2, -1);
};

const cases: readonly [what: string, source: string, about: FactsText, told: string][] = [
  [
    'claims of any type',
    "claims.a == 'x' || claims.b == 2 || 'y' in claims.c || claims.d == 'z'",
    { claims: { a: 'one', b: 1, c: ['p', 'q'], d: { e: 'f' } } },
    'claims.a is "one", claims.b is 1, claims.c is ["p", "q"], claims.d is an object',
  ],
  [
    'the missing ones first',
    "claims.a == 'x' && claims['b-c'] == 'y'",
    { claims: { a: 'x' } },
    'claims["b-c"] is missing, claims.a is "x"',
  ],
  ['a missing header', "request.headers['x-tenant'] == 'a'", {}, "request.headers['x-tenant'] is missing"],
  ['an empty claim', "claims.a == 'x'", { claims: { a: '' } }, 'claims.a is empty, which counts as missing'],
  [
    'fields of objects',
    "request.method == 'POST' && request.path == '/x' && request.host == 'y' && peer.namespace == 'a'",
    {},
    'request.method is "POST", request.path is "/orders/1", request.host is "orders.example.com", peer.namespace is "applications"',
  ],
  [
    'fields without a value',
    "peer.via == 'x' || serviceAccount.pod == 'y'",
    { peer: 'none', serviceAccount: 'none' },
    'peer.via is missing, serviceAccount.pod is missing',
  ],
  [
    'a list, a name and a time',
    "token.scopes.exists(s, s == 'x') || token.issuer == 'a' || request.time < timestamp('2000-01-01T00:00:00Z')",
    {},
    `token.scopes is ["orders.read", "orders.write"], token.issuer is "corp", request.time is "${formatTime(noon)}"`,
  ],
];
for (const [what, source, about, expected] of cases)
  test(`what was read – shows ${what}`, (t) => {
    t.is(told(source, about), expected);
  });

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
const hidden: readonly [name: string, value: string][] = [
  ['authorization', 'x'],
  ['cookie', 'a=b'],
  ['x-api-key', 'x'],
  ['x-auth-request-user', 'x'],
  ['x-csrf-token', 'x'],
  ['x-forwarded-client-cert', 'x'],
  ['x-any', jwt],
  ['x-any', `Bearer ${jwt}`],
  ['x-any', 'Basic YTpi'],
  ['x-any', 'a'.repeat(32)],
  ['x-any', 'ApiKey 0123456789abcdef01234567'],
  ['x-any', 'v=1, Bearer abc'],
  ['x-any', `a ${'b'.repeat(200)}`],
  ['referer', 'https://shop.example.com/?code=Splx'],
  ['referer', 'https://a.test/#access_token=abc'],
  ['origin', 'https://alice:secret@shop.example.com'],
  [':path', '/orders?access_token=abc'],
];
for (const [name, value] of hidden)
  test(`what was read – does not show the header ${name} with ${value.slice(0, 12)}`, (t) => {
    t.is(
      told(`request.headers['${name}'] == 'y'`, { headers: { [name]: value } }),
      `request.headers['${name}'] is not shown`,
    );
  });

test('what was read – shows a header with an address or a short text', (t) => {
  for (const value of ['https://shop.example.com/orders/7', 'blue', 'text/html, application/json;q=0.9'])
    t.is(
      told("request.headers['x-any'] == 'y'", { headers: { 'x-any': value } }),
      `request.headers['x-any'] is ${JSON.stringify(value)}`,
    );
});

test('what was read – does not show a claim that looks like a token', (t) => {
  t.is(told("claims.a == 'y'", { claims: { a: jwt } }), 'claims.a is what looks like a token');
});

test('what was read – does not show claims and headers whose names are computed', (t) => {
  const source = "request.headers[string(claims['a'])] == 'y' || claims.exists(c, c == 'd')";
  const about = { claims: { a: 'b', c: 'd0' }, headers: { b: 'x' } };
  t.is(condition(source).check(facts(about))?.detail, source);
});

test('what was read – at most eight values of sixty characters', (t) => {
  const names = Array.from({ length: 20 }, (_, n) => `c${n}`);
  const claims = Object.fromEntries(names.map((name) => [name, 'x'.repeat(1_000)]));
  const shown = told(names.map((name) => `claims.${name} == 'y'`).join(' || '), { claims });
  t.is(shown.split(', ').length, 8);
  t.true(shown.length < 700);
});
