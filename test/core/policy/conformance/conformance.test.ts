import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import test from 'ava';
import { readExpression } from '../../../../src/core/policy/condition/expression.ts';
import { refusedForms } from '../../../../src/core/policy/condition/forms.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { celConformance, celConformanceFile } from '../../../../tools/docs/cel-conformance.ts';
import { exceptions } from './exceptions.ts';
import { shownForms } from './refused-forms.ts';
import { results } from './results.ts';
import { conformanceCases } from './suite.ts';

test('CEL conformance – every case that a condition may be is answered right, or is a known exception', (t) => {
  const wrong = results.filter(({ outcome }) => outcome === 'wrong');
  t.deepEqual(wrong.map(({ given }) => given.name).sort(), Object.keys(exceptions).sort());
  // Were all of them refused, nothing would have been shown.
  t.true(results.filter(({ outcome }) => outcome === 'right').length > 500);
});

test('CEL conformance – every refusal has a reason that is known', (t) => {
  const unknown = results.filter(({ detail }) => detail.startsWith('unknown'));
  t.deepEqual(
    unknown.map(({ given, detail }) => `${given.name}: ${given.expr}: ${detail}`),
    [],
  );
});

test('CEL conformance – docs/cel-conformance.md is what the suite says', (t) => {
  t.is(readFileSync(celConformanceFile, 'utf8'), celConformance());
});

const alone = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });

/** What cel-js says by itself, without our language of conditions. */
function answerOfLibrary(expr: string): unknown {
  try {
    return alone.evaluate(expr);
  } catch {
    return 'error';
  }
}

/** Why an expression cannot be a condition, without the place. */
function whyRefused(expr: string): string {
  const read = readExpression(expr);
  return read instanceof Malformed ? read.why.replace(/^line \d+, column \d+: /, '') : 'it was read';
}

const reasons: readonly string[] = Object.values(refusedForms);

for (const { form, shownBy } of Object.values(shownForms))
  for (const name of shownBy)
    test(`CEL conformance – ${form} is refused, as cel-js gets ${name} wrong`, (t) => {
      const given = conformanceCases.find((one) => one.name === name);
      if (!given) return t.fail('the suite does not have it');
      // dyn() is not offered anyway, so that alone would prove nothing.
      t.true(reasons.includes(whyRefused(given.expr.replaceAll(/dyn\(([^()]*)\)/g, '$1'))));
      const { expected } = given;
      const right = typeof expected === 'string' ? expected : expected.value.boolValue;
      t.true(right === 'error' || typeof right === 'boolean');
      t.not(answerOfLibrary(given.expr), right, 'cel-js has been mended: the form may be allowed');
    });

const hour = "duration('1h')";
const forms: Readonly<Record<keyof typeof refusedForms, readonly string[]>> = {
  unsigned: ['3u in [3u]', 'claims.a == 3u', '[1u, 2u].exists(x, x == 1u)'],
  bytes: ["b'a' == b'a'", "claims.a == b'a'"],
  map: ["{'a': 1} == {'a': 1}", "claims.a == {'b': claims.c}", '{} == {}'],
  largeInt: ['claims.a == 9007199254740993', '-9223372036854775808 == claims.a', '9223372036854775807 > 1'],
  negation: [
    '-int(claims.a) > 0',
    '-claims.a == 1',
    '-(-1) == 1',
    '-(1 + 1) == 0 - 2',
    '-size(claims.a) == 0',
  ],
  division: [
    'claims.a / claims.b == 1.0',
    '4 / -1 == -4',
    'int(claims.a) % int(claims.b) == 0',
    '1 % -1 == 0',
  ],
  timeArithmetic: [
    `${hour} + ${hour} > ${hour}`,
    `${hour} - ${hour} > ${hour}`,
    `${hour} + timestamp(int(claims.a)) > request.time`,
    `${hour} + timestamp(int(claims.a)) > ${hour}`,
    `request.time + ${hour} + ${hour} > request.time`,
    `request.time - (${hour}) - (${hour}) > request.time`,
    `request.time - (request.time - ${hour}) > ${hour}`,
    `[${hour}].exists(d, d + ${hour} > ${hour})`,
    `(true ? ${hour} : ${hour}) + ${hour} > ${hour}`,
    `[[request.time]].exists(l, l.exists(t, t + ${hour} > request.time))`,
    `[request.time][0] + ${hour} > request.time`,
    `[request.time].filter(t, true)[0] + ${hour} > request.time`,
    `(request.time + ${hour}) - request.time > ${hour}`,
    `-${hour} < ${hour}`.replace('-duration', `${hour} - duration`),
  ],
  timestamp: [
    'request.time > timestamp(claims.a)',
    "request.time > timestamp('2026-02-30T00:00:00Z')",
    "request.time > timestamp('2100-01-01T00:00:00Z')",
    "request.time > timestamp('1899-12-31T23:59:59Z')",
    "request.time > timestamp('2026-01-01T24:00:00Z')",
    "request.time > timestamp('2026-01-01T00:00:00.0001Z')",
    'request.time > timestamp(1767268000)',
  ],
  duration: [
    `duration(claims.a) > ${hour}`,
    `duration('1ns') > ${hour}`,
    `duration('1us') > ${hour}`,
    `duration('0.0001s') > ${hour}`,
    `duration('99999h') > ${hour}`,
    `duration('1h1h1h1h1h') > ${hour}`,
    `duration('') > ${hour}`,
  ],
  precedence: [
    'true == claims.a in claims.b',
    'claims.a != 1 < 2',
    'true == (claims.a in claims.b)',
    'claims.a == (1) >= 2',
    '1 in [1] == 1 in [1]',
  ],
  textOrder: [
    'claims.a < claims.b',
    'token.subject >= claims.b',
    "claims.a > '\u{1F600}'",
    "'\uFF5E' <= claims.a",
  ],
};
for (const [name, expressions] of Object.entries(forms))
  for (const expr of expressions)
    test(`condition – ${expr} is refused when it is loaded, as ${name}`, (t) => {
      t.is(whyRefused(expr), refusedForms[name as keyof typeof refusedForms]);
    });

for (const expr of [
  `request.time - timestamp(int(claims.a)) < ${hour}`,
  `timestamp(int(claims.a)) + ${hour} > request.time`,
  `request['time'] - ${hour} < timestamp('2026-02-28T23:59:59.999+01:00')`,
  "timestamp('2000-02-29T00:00:00Z') < request.time",
  "request.time - request.time > duration('-1.5s')",
  '-1 < int(claims.a)',
  '(claims.a in claims.b) == true',
  'claims.a in [1] == claims.b',
  '1 < 2 != (claims.a == claims.b)',
  'claims.a / 2.0 > 1.0',
  'int(claims.a) % 2 == 0',
  "claims.date < '2026-01-01'",
  'double(claims.a) < double(claims.b)',
  'claims.a < double(claims.b)',
  'size(claims.a) < size(claims.b)',
  '9007199254740992 > -9007199254740992',
])
  test(`condition – ${expr} may be written`, (t) => {
    t.is(whyRefused(expr), 'it was read');
  });
