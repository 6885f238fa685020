import test from 'ava';
import { maxSteps } from '../../../../src/core/policy/condition/condition.ts';
import { presentFacts } from '../../../../src/core/policy/condition/facts.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { condition, type FactsText, facts } from './conditions.ts';

const list = (length: number, prefix = 'g') => Array.from({ length }, (_, n) => `${prefix}${n}`);
const two = (length: number) => ({ claims: { a: list(length), b: list(length, 'h') } });

const lists = (length: number) => list(length).map((name) => list(20, name));
const long = (length: number) => ({ ...two(length), headers: { 'x-long': 'x'.repeat(60_000) } });

/** How often `endsWith` is called: the innermost predicates of these conditions all do. */
function calls(run: () => void): number {
  const original = String.prototype.endsWith;
  let count = 0;
  String.prototype.endsWith = function (this: string, ...given) {
    count++;
    return original.apply(this, given);
  };
  try {
    run();
  } finally {
    String.prototype.endsWith = original;
  }
  return count;
}

function bound(source: string, about: FactsText): number {
  const { reads, cost } = condition(source);
  const presented = presentFacts(reads, facts(about));
  if (presented instanceof Malformed) throw new TypeError(presented.why);
  return cost.for(presented.extent);
}

const never = "endsWith('no')";
const nothing = { calls: 0, reason: 'condition_failed' };
const cases: readonly [source: string, about: FactsText, expected: { calls: number; reason: string }][] = [
  [`claims.a.exists(x, x.${never})`, two(2_000), { calls: 2_000, reason: 'condition_not_met' }],
  [`claims.a.exists(x, x.${never})`, two(10_000), nothing],
  [
    `claims.a.exists(x, claims.b.exists(y, y.${never}))`,
    two(50),
    { calls: 2_500, reason: 'condition_not_met' },
  ],
  [`claims.a.exists(x, claims.b.exists(y, y.${never}))`, two(2_000), nothing],
  [`claims.a.all(x, claims.b.all(y, !y.${never}))`, two(2_000), nothing],
  [`claims.a.all(x, claims.a.exists_one(y, y.${never}))`, two(2_000), nothing],
  [`claims.a.filter(x, claims.b.filter(y, y.${never}).size() > 0).size() > 0`, two(2_000), nothing],
  [`claims.a.exists(x, claims.a.exists(y, claims.a.exists(z, z.${never})))`, two(200), nothing],
  // A list that is named once and gone through often.
  [`[claims.a].exists(p, p.exists(x, p.exists(y, y.${never})))`, two(2_000), nothing],
  [
    `[claims.a].exists(p, p.exists(x, x.${never}))`,
    two(1_000),
    { calls: 1_000, reason: 'condition_not_met' },
  ],
  [`(claims.a + claims.b).exists(x, (claims.b + claims.a).exists(y, y.${never}))`, two(100), nothing],
  [
    `claims.exists(n, claims.exists(m, m.${never}))`,
    { claims: Object.fromEntries(list(2_000).map((name) => [name, 1])) },
    nothing,
  ],
  [
    `request.headers.exists(n, request.headers.exists(m, m.${never}))`,
    { headers: Object.fromEntries(list(2_000).map((name) => [name, 'x'])) },
    nothing,
  ],
  [
    `token.scopes.exists(s, token.audiences.exists(u, u.${never}))`,
    { token: { scopes: list(2_000), audiences: list(2_000) } },
    nothing,
  ],
  // Loops that are not written as one, at lengths that the loop itself has room for.
  [`claims.a.exists(x, x.${never})`, two(2_500), { calls: 2_500, reason: 'condition_not_met' }],
  [`claims.a.exists(x, x in claims.b && x.${never})`, two(900), nothing],
  [`claims.a.exists(x, claims.a == claims.b && x.${never})`, two(900), nothing],
  [`claims.a.exists(x, size(claims.b + claims.b) == 1 && x.${never})`, two(900), nothing],
  [`claims.a.exists(x, size(request.headers['x-long']) == 1 && x.${never})`, long(100), nothing],
  [`claims.a.exists(x, request.headers['x-long'].size() == 1 && x.${never})`, long(100), nothing],
  [`claims.a.exists(x, request.headers['x-long'].contains(x) && x.${never})`, long(1_000), nothing],
  [
    `claims.a.exists(x, claims.b.exists(y, x == y) && x.${never})`,
    { claims: { a: lists(300), b: lists(300) } },
    nothing,
  ],
  // A width that the operator wrote does not multiply with what callers can send.
  [
    `['no', 'none'].exists(p, claims.a.exists(x, x.endsWith(p)))`,
    two(2_000),
    { calls: 4_000, reason: 'condition_not_met' },
  ],
];
for (const [source, about, expected] of cases)
  test.serial(
    `condition cost – ${source}, of ${JSON.stringify(about).length} characters: ${expected.calls} calls`,
    (t) => {
      const compiled = condition(source);
      const given = facts(about);
      let reason: string | undefined;
      const counted = calls(() => {
        reason = compiled.check(given)?.reason;
      });
      t.deepEqual({ calls: counted, reason }, expected, `at most ${bound(source, about)} steps`);
      if (expected.calls > 0) {
        t.true(bound(source, about) >= counted);
        t.true(bound(source, about) <= maxSteps);
      } else t.true(bound(source, about) > maxSteps);
    },
  );

test('condition cost – what is denied says so, without the facts', (t) => {
  const source = 'claims.a.exists(x, claims.b.exists(y, x == y))';
  t.regex(
    condition(source).check(facts(two(2_000)))?.detail ?? '',
    /^up to \d+ steps for lists of this length; 1000000 are allowed: claims\.a\.exists\(x, claims\.b\.exists\(y, x == y\)\)$/,
  );
});

for (const [source, length] of [
  ["claims.a.exists(x, x == 'admin')", 6_000],
  ["'admin' in claims.a", 8_000],
  ["claims.a.exists(x, x.startsWith('team-'))", 2_000],
  ['claims.a.exists(x, claims.b.exists(y, x == y))', 300],
  ["claims.a.exists(x, x == 'a') || claims.b.exists(y, y == 'b') || claims.a.all(z, z == 'c')", 6_000],
  ['claims.a.all(x, x in token.scopes)', 700],
  ["claims.a.exists(x, x in ['a', 'b', 'c'])", 2_000],
] as const)
  test(`condition cost – ${source} has room for ${length} elements`, (t) => {
    t.true(bound(source, two(length)) <= maxSteps, String(bound(source, two(length))));
  });

test('condition cost – large facts that are not read cost nothing', (t) => {
  const source = "claims.tenant == 'a'";
  const large = { claims: { tenant: 'a', groups: list(5_000) }, headers: { 'x-long': 'x'.repeat(60_000) } };
  t.is(bound(source, large), bound(source, { claims: { tenant: 'a' } }));
  t.is(condition(source).check(facts(large)), undefined);
});
