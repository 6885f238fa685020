import test from 'ava';
import fc from 'fast-check';
import { instancesOf, overlap } from '../../src/compare/overlap.ts';
import { matchesPattern } from '../../src/lib/pattern.ts';

const segment = fc.constantFrom('a', 'b', '*', '**');
const pattern = fc
  .array(segment, { maxLength: 4 })
  .map((list) => list.filter((one, index) => one !== '**' || list[index - 1] !== '**'));
const value = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });

test('overlap – matches exactly what both patterns match', (t) => {
  fc.assert(
    fc.property(pattern, pattern, value, (one, other, segments) => {
      const both = matchesPattern(one, segments) && matchesPattern(other, segments);
      return both === overlap(one, other).some((each) => matchesPattern(each, segments));
    }),
    { seed: 1, numRuns: 5_000 },
  );
  t.pass();
});

test('overlap – another pattern matches an instance only if it covers all of its length', (t) => {
  fc.assert(
    fc.property(pattern, pattern, value, (one, other, segments) => {
      if (!matchesPattern(one, segments) || matchesPattern(other, segments)) return true;
      return instancesOf(one, 'fresh', 4).some((each) => !matchesPattern(other, each));
    }),
    { seed: 2, numRuns: 5_000 },
  );
  t.pass();
});

test('overlap – every instance matches its pattern', (t) => {
  fc.assert(
    fc.property(pattern, (one) => instancesOf(one, 'fresh', 4).every((each) => matchesPattern(one, each))),
    { seed: 3 },
  );
  t.pass();
});
