import test from 'ava';
import { seededRandom } from '../../../support/seeded-random.ts';
import { condition, facts, json, outcome } from './conditions.ts';

const met = 'met';
const not = 'condition_not_met';
const failed = 'condition_failed';

const nested = (depth: number, inside: string) => `${'['.repeat(depth)}${inside}${']'.repeat(depth)}`;
const bomb = `${'a'.repeat(12_000)}!`;

const cases: readonly [source: string, claims: string, expected: string][] = [
  // Members of every object are claims like any other, or absent.
  ['has(claims.constructor)', '{}', not],
  ['has(claims.toString)', '{}', not],
  ['has(claims.__proto__)', '{}', not],
  ["claims.constructor != 'x'", '{}', failed],
  ['claims.__proto__ == claims.constructor', '{}', failed],
  ["'hasOwnProperty' in claims", '{}', not],
  ["claims.constructor == 'x'", '{"constructor": "x"}', met],
  ["claims.__proto__ == 'x'", '{"__proto__": "x"}', met],
  ['claims.__proto__.admin == true', '{"__proto__": {"admin": true}}', met],
  ['claims.admin == true', '{"__proto__": {"admin": true}}', failed],
  ['claims.a.admin == true', '{"a": {"__proto__": {"admin": true}}}', failed],
  ['has(claims.a.admin)', '{"a": {"__proto__": {"admin": true}}}', not],
  ["claims.tenant == 'a'", '{"tenant": "a", "constructor": null, "__proto__": {"tenant": "b"}}', met],
  ['claims.a == claims.b', '{"a": {"__proto__": {}}, "b": {"x": 1}}', not],
  ['claims.a == claims.b', '{"a": {"toString": 1}, "b": {"x": 1}}', not],
  ['claims.a == claims.b', '{"a": {"constructor": {"name": "Map"}}, "b": {}}', not],
  ['claims.a.size == 1 || claims.a.get == 1', '{"a": {"x": 1}}', failed],
  ["claims.a['size'] == 1", '{"a": {"x": 1}}', failed],
  ['claims.a.length == 1', '{"a": ["x"]}', failed],
  ["claims.a['0'] == 'x'", '{"a": ["x"]}', failed],
  ['claims.a[0] == "x"', '{"a": {"0": "x"}}', failed],
  ['claims.a[-1] == "x"', '{"a": ["x"]}', failed],
  ['claims.a[9007199254740992] == "x"', '{"a": ["x"]}', failed],

  // What can be no key is not absent from a map: that would meet what is negated.
  ['!(claims.role in claims.banned)', '{"role": ["x"], "banned": {"x": true}}', failed],
  ['!(claims.role in claims.banned)', '{"role": {"x": true}, "banned": {"x": true}}', failed],
  ['!(claims.role[0] in claims.banned)', '{"role": [null], "banned": {"x": true}}', failed],
  ['!(claims.role in claims.all.banned)', '{"role": ["x"], "all": {"banned": {"x": true}}}', failed],
  ['!(claims.role in request.headers)', '{"role": ["x"]}', failed],
  ['!(claims.role in claims)', '{"role": ["x"]}', failed],
  ['claims.role in claims.banned', '{"role": "x", "banned": {"x": true}}', met],
  ['!(claims.role in claims.banned)', '{"role": 1, "banned": {"x": true}}', met],
  ['!(claims.role in claims.banned)', '{"role": ["x"], "banned": ["x"]}', met],
  ['claims.a == claims.b', '{"a": {"x": {"y": 1}}, "b": {"x": {"y": 1}}}', met],

  // Depth counts only where it is read.
  ['claims.a == 1', `{"a": ${nested(6, '1')}}`, failed],
  ['size(claims.a) == 1', `{"a": ${nested(5, '1')}}`, met],
  ['has(claims.a)', `{"a": ${nested(6_000, '')}}`, failed],
  ['claims.a == claims.a', `{"a": ${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`, failed],
  ['claims.b == 1', `{"a": ${nested(6_000, '')}, "b": 1}`, met],
  ['claims.exists(n, n == "b")', `{"a": ${nested(6_000, '')}, "b": 1}`, failed],

  // Texts are texts: nothing in them is a pattern, a number in another notation, or of another case.
  ["claims.a.contains('(a+)+$')", JSON.stringify({ a: bomb }), not],
  ['claims.a.startsWith(claims.b)', JSON.stringify({ a: bomb, b: '.*' }), not],
  ['claims.a.endsWith(claims.b)', JSON.stringify({ a: 'x.y', b: '.y' }), met],
  ["claims.a == 'k'", '{"a": "\\u212a"}', not],
  ["claims.a == 'é'", '{"a": "e\\u0301"}', not],
  ["claims.a == 'a'", '{"a": "a\\u0000"}', not],
  ['int(claims.a) == 16', '{"a": "0x10"}', failed],
  ['int(claims.a) == 1', '{"a": " 1"}', failed],
  ['int(claims.a) == 1000', '{"a": "1e3"}', failed],
  ['int(claims.a) > 0', JSON.stringify({ a: '9'.repeat(12_000) }), failed],
  ['int(claims.a) > 0', '{"a": 1e999}', failed],
  ['double(claims.a) > 0.0', '{"a": "much"}', failed],
  ['bool(claims.a)', '{"a": "yes"}', failed],
  ['bool(claims.a)', '{"a": "true"}', met],
  ['int(claims.a) > 0', '{"a": [1]}', failed],
  ['string(claims.a) == "1"', '{"a": {"toString": "1"}}', failed],

  // Other shapes than the one that was thought of.
  ["claims.roles.exists(r, r == 'admin')", '{"roles": {"admin": false}}', met],
  ["claims.roles.exists(r, r == 'admin')", '{"roles": "admin"}', failed],
  ["claims.roles.exists(r, r == 'admin')", '{"roles": [["admin"]]}', not],
  ["claims.roles.exists(r, r == 'admin')", '{"roles": [null, 1, {}, true]}', not],
  ["claims.tenant == request.headers['x-tenant']", '{"tenant": {"toString": "acme"}}', not],
];
for (const [source, claims, expected] of cases)
  test(`condition – ${source}, of the claims ${claims.slice(0, 60)} (${claims.length} characters): ${expected}`, (t) => {
    t.is(outcome(source, { claims: json(claims), headers: { 'x-tenant': 'acme' } }), expected);
    t.deepEqual(Object.keys(Object.prototype), []);
  });

for (const [source, headers, expected] of [
  ["request.headers['constructor'] == 'x'", {}, failed],
  ["request.headers['constructor'] == 'x'", { constructor: 'x' }, met],
  ["request.headers['__proto__'] == 'x'", {}, failed],
  ["'toString' in request.headers || 'tostring' in request.headers", {}, 'refused'],
  ["'valueof' in request.headers", {}, not],
  ["request.method == 'POST'", { constructor: 'x', 'has-own-property': 'y' }, met],
  ["request.headers.exists(n, n == 'constructor')", { constructor: 'x' }, met],
] as const)
  test(`condition – ${source}, of the headers ${JSON.stringify(headers)}: ${expected}`, (t) => {
    if (expected === 'refused') t.throws(() => condition(source), { instanceOf: TypeError });
    else t.is(outcome(source, { headers: headers as unknown as Record<string, string> }), expected);
  });

/** Any JSON, with the names and values that conditions ask for well represented. */
function anyValue(random: ReturnType<typeof seededRandom>, depth: number): unknown {
  const names = ['a', 'b', 'name', 'constructor', '__proto__', 'toString', 'length'];
  const kind = random.integer(depth > 6 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return random.next() < 0.5;
  if (kind === 2) return random.pick([0, -1, 3, 1e300, 0.5]);
  if (kind < 5) return random.pick(['', 'a', 'b', 'true', '3', random.text(20)]);
  const size = random.integer(4);
  if (kind === 5) return Array.from({ length: size }, () => anyValue(random, depth + 1));
  const members = Array.from(
    { length: size },
    () => `${JSON.stringify(random.pick(names))}:${JSON.stringify(anyValue(random, depth + 1))}`,
  );
  return json(`{${members.join(',')}}`);
}

test('condition – of any claims the answer is met, not met or failed, and `met` is an answer of CEL', (t) => {
  const random = seededRandom(4_009);
  // Each is met only if what it says can be seen in the claims themselves.
  const conditions: readonly [source: string, isRight: (claims: Record<string, unknown>) => boolean][] = [
    ["claims.a == 'a'", ({ a }) => a === 'a'],
    ['claims.a', ({ a }) => a === true],
    ['!claims.a', ({ a }) => a === false],
    ['claims.a > 2', ({ a }) => typeof a === 'number' && a > 2],
    ["claims.a.startsWith('a')", ({ a }) => typeof a === 'string' && a.startsWith('a')],
    ["'a' in claims.a && claims.a.exists(x, x == 'a')", ({ a }) => JSON.stringify(a).includes('"a"')],
    ['claims.a == claims.b', ({ a, b }) => a !== undefined && b !== undefined && a !== '' && a !== null],
    ["claims.a.all(x, x == 'a')", ({ a }) => typeof a === 'object' && a !== null],
    ['has(claims.a.b)', ({ a }) => Object.hasOwn(Object(a), 'b')],
    ['has(claims.constructor)', (claims) => Object.hasOwn(claims, 'constructor')],
    ['claims.exists(n, claims[n] == 3)', (claims) => Object.values(claims).includes(3)],
    ['size(claims.a) == 1', ({ a }) => typeof a === 'string' || typeof a === 'object'],
  ];
  const compiled = conditions.map(([source, isRight]) => ({ source, isRight, rule: condition(source) }));
  const seen = new Set<string>();
  for (let n = 0; n < 1_500; n++) {
    const members = ['a', 'b', random.pick(['constructor', '__proto__', 'name'])].map(
      (name) => `${JSON.stringify(name)}:${JSON.stringify(anyValue(random, 1))}`,
    );
    const claims = json(`{${members.slice(random.integer(3)).join(',')}}`);
    for (const { source, isRight, rule } of compiled) {
      const reason = rule.check(facts({ claims }))?.reason ?? met;
      seen.add(`${source} ${reason}`);
      if (![met, not, failed].includes(reason) || (reason === met && !isRight(claims)))
        t.fail(`${source} is ${reason} of ${JSON.stringify(claims)}`);
    }
  }
  for (const { source } of compiled) t.true(seen.has(`${source} ${met}`), source);
});
