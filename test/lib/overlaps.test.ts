import test from 'ava';
import { overlaps } from '../../src/lib/overlaps.ts';
import { matchesPattern, type Pattern } from '../../src/lib/pattern.ts';

const parts = ['a', 'b', '*', '**'];
/** Every pattern of up to three segments, and every list of up to four that has a chance to match two of them. */
const patterns = lists(parts, 3).filter((pattern) => !pattern.join('/').includes('**/**'));
const values = lists(['a', 'b', 'c'], 4);

function lists(from: readonly string[], longest: number): readonly Pattern[] {
  if (longest === 0) return [[]];
  return [[], ...lists(from, longest - 1).flatMap((rest) => from.map((part) => [part, ...rest]))].filter(
    (list, at, all) => all.findIndex((one) => one.join('/') === list.join('/')) === at,
  );
}

test('overlaps – is true exactly if a list of segments matches both', (t) => {
  const matched = new Map(
    patterns.map((pattern) => [pattern, new Set(values.filter((value) => matchesPattern(pattern, value)))]),
  );
  for (const one of patterns)
    for (const other of patterns) {
      const both = [...(matched.get(one) ?? [])].some((value) => matched.get(other)?.has(value));
      const answer = overlaps(one, other, { left: 1_000 });
      if (answer !== both) t.fail(`${one.join('/')} and ${other.join('/')}: ${answer}`);
    }
  t.true(patterns.length > 50);
});

test('overlaps – without effort it is false, and it never takes more than its share', (t) => {
  t.false(overlaps(['a'], ['a'], { left: 3 }));
  const effort = { left: 10_000 };
  const long = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? '**' : 'a'));
  t.true(overlaps(long, long, effort));
  t.true(effort.left > 8_000);
});
