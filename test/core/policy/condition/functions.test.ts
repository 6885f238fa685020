import test from 'ava';
import { holds } from '../../../../src/core/policy/condition/search.ts';
import { seededRandom } from '../../../support/seeded-random.ts';
import { outcome } from './conditions.ts';

const met = 'met';
const not = 'condition_not_met';
const failed = 'condition_failed';

const cases: readonly [source: string, a: unknown, expected: string][] = [
  // Digits alone; cel-js alone takes all of these.
  ['int(claims.a) == 5', '5', met],
  ['int(claims.a) == 5', '+5', met],
  ['int(claims.a) == -5', '-5', met],
  ['int(claims.a) == 7', '0b111', failed],
  ['int(claims.a) == 7', '0o7', failed],
  ['int(claims.a) == 7', '0X7', failed],
  ['claims.a.exists(x, int(x) == 0)', [''], failed],
  ['claims.a.exists(x, double(x) == 0.0)', [''], failed],
  ['int(claims.a) > 1', '9223372036854775807', met],
  ['int(claims.a) > 1', '9223372036854775808', failed],
  ['int(claims.a) < 1', '-9223372036854775808', met],
  ['int(claims.a) < 1', '-9223372036854775809', failed],
  ['int(claims.a) > 1', 1e99, failed],
  ['int(claims.a) > 1', 2 ** 63, failed],
  ['int(claims.a) < 1', -1e99, failed],
  ['int(claims.a) == -1', -1.9, met],
  ['int(claims.a) > 1', true, failed],
  ['double(claims.a) == 16.0', '0x10', failed],
  ['double(claims.a) == 1.0', '0b1', failed],
  ['double(claims.a) == 1000.0', '1e3', met],
  ['double(claims.a) == 0.5', '.5', met],
  ['double(claims.a) == 5.0', '5.', met],
  ['double(claims.a) == 1.0', '1_0', failed],
  ['double(claims.a) > 1.0', '-Infinity', not],
  ['double(claims.a) > 1.0', 'Inf', met],
  ['double(claims.a) == double(claims.a)', 'nan', not],
  ['double(claims.a) > 1.0', `${'9'.repeat(12_000)}`, failed],
  ['double(claims.a) > 1.0', `${'9'.repeat(12_000)}x`, failed],
  ['double(claims.a) > 1.0', 2.5, met],
  ['double(size(claims.a)) == 2.0', 'ab', met],
  // Times of two centuries: where the result could not be a time of CEL, there is none.
  ['timestamp(int(claims.a)) < request.time', 0, met],
  ['timestamp(int(claims.a)) < request.time', '0', met],
  ['timestamp(int(claims.a)) < request.time', -2_208_988_800, met],
  ['timestamp(int(claims.a)) < request.time', -2_208_988_801, failed],
  ['timestamp(int(claims.a)) > request.time', 4_102_444_799, met],
  ['timestamp(int(claims.a)) > request.time', 4_102_444_800, failed],
  ["timestamp(int(claims.a)) + duration('1h') > request.time", 253_402_300_799, failed],
  // As in CEL, and not as a silent overflow.
  ['int(claims.a) + 1 > 0', '9223372036854775807', failed],
  ['int(claims.a) - 1 < 0', '-9223372036854775808', failed],
  ['int(claims.a) * 2 > 0', '9223372036854775807', failed],
  ['0 - int(claims.a) > 0', '-9223372036854775808', failed],
  // Whatever its length, a text is found where it is, and nowhere else.
  ["claims.a.contains('b')", 'abc', met],
  ["claims.a.contains('')", 'abc', met],
  ['claims.a[0].contains(claims.a[1])', ['x'.repeat(400), 'x'.repeat(400)], met],
  ['claims.a[0].contains(claims.a[1])', ['x'.repeat(400), 'x'.repeat(401)], not],
  ['claims.a[0].contains(claims.a[1])', [`${'xy'.repeat(300)}z`, `${'xy'.repeat(150)}z`], met],
  ['claims.a.contains(claims.a[0])', ['a'], failed],
];
for (const [source, a, expected] of cases)
  test(`condition – ${source}, of ${JSON.stringify(a).slice(0, 60)} (${JSON.stringify(a).length} characters): ${expected}`, (t) => {
    t.is(outcome(source, { claims: { a } }), expected);
  });

test('condition – the search in linear time finds what includes() finds, also where a text repeats', (t) => {
  const random = seededRandom(10_008);
  const some = (length: number, letters: string) =>
    Array.from({ length }, () => random.pick([...letters])).join('');
  let found = 0;
  for (let n = 0; n < 2_000; n++) {
    const letters = random.pick(['a', 'ab', 'aé', 'a😀', 'aab']);
    const unit = some(1 + random.integer(7), letters);
    const whole = `${some(random.integer(20), letters)}${unit.repeat(200)}${some(random.integer(20), letters)}`;
    const length = 201 + random.integer(200);
    const from = random.integer(whole.length);
    const part = `${whole.slice(from, from + length)}${random.pick(['', '', 'a', 'b'])}`;
    const expected = whole.includes(part);
    if (expected) found++;
    if (holds(whole, part) !== expected) t.fail(JSON.stringify({ whole, part }));
  }
  t.true(found > 200 && found < 1_900, String(found));
});
