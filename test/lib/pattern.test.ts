import test from 'ava';
import { Malformed } from '../../src/lib/malformed.ts';
import { matchesPattern, parsePattern } from '../../src/lib/pattern.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';

const split = (text: string) => (text === '' ? [] : text.split('/'));

for (const segments of [
  [],
  ['a'],
  ['*'],
  ['**'],
  ['a', '*', 'b'],
  ['**', 'a', '**'],
  ['**', '*', '**'],
  ['*', '*'],
])
  test(`pattern – reads ${JSON.stringify(segments)} as it stands`, (t) => {
    t.deepEqual(parsePattern(segments), segments);
  });

for (const [text, why] of [
  ['a*', 'must stand alone'],
  ['*a', 'must stand alone'],
  ['a/b*c', 'must stand alone'],
  ['***', 'must stand alone'],
  ['**a', 'must stand alone'],
  ['a/**b/c', 'must stand alone'],
  ['**/**', '** follows **'],
  ['a/**/**/b', '** follows **'],
] as const)
  test(`pattern – refuses ${text} (nothing matches by prefix)`, (t) => {
    const parsed = parsePattern(split(text));
    t.true(parsed instanceof Malformed && parsed.why.includes(why));
  });

const table: readonly [pattern: string, matched: readonly string[], not: readonly string[]][] = [
  ['', [''], ['a']],
  ['a', ['a'], ['', 'ab', 'A', 'a/a', 'b']],
  ['*', ['a', '*', '**', 'a.b'], ['', 'a/b']],
  ['**', ['', 'a', 'a/b/c'], []],
  ['a/*', ['a/b', 'a/*'], ['a', 'a/b/c', 'b/b']],
  ['a/**', ['a', 'a/b', 'a/b/c'], ['', 'ab', 'ab/c', 'b/a']],
  ['**/a', ['a', 'b/a', 'a/a', 'c/b/a'], ['', 'a/b', 'b/ab']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/b/b', 'a/x/y/b'], ['a', 'b', 'a/b/c', 'x/a/b']],
  ['a/*/b', ['a/x/b', 'a/b/b'], ['a/b', 'a/x/y/b']],
  ['*/**', ['a', 'a/b', 'a/b/c'], ['']],
  ['**/*', ['a', 'a/b'], ['']],
  ['**/a/**/b/**', ['a/b', 'x/a/y/b/z', 'a/a/b/b', 'b/a/b'], ['b/a', 'a', 'a/x']],
  ['**/*/**/a', ['x/a', 'a/a', 'x/y/a'], ['a', 'a/x']],
];
for (const [pattern, matched, not] of table)
  test(`pattern – "${pattern}" matches what it says and nothing else`, (t) => {
    for (const text of matched) t.true(matchesPattern(split(pattern), split(text)), `must match "${text}"`);
    for (const text of not) t.false(matchesPattern(split(pattern), split(text)), `must not match "${text}"`);
  });

/** The definition, word for word: slow and beyond doubt. */
function naive(pattern: readonly string[], segments: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return segments.length === 0;
  if (part === '**') return segments.some((_, n) => naive(rest, segments.slice(n))) || naive(rest, []);
  return (part === '*' || part === segments[0]) && segments.length > 0 && naive(rest, segments.slice(1));
}

/** Between `least` and `most` picks. */
function list(random: SeededRandom, from: readonly string[], least: number, most: number): string[] {
  return Array.from({ length: least + random.integer(most - least + 1) }, () => random.pick(from));
}

const seed = 20261122;
test(`pattern – answers as the definition does, 20,000 random pairs, seed ${seed}`, (t) => {
  const random = seededRandom(seed);
  let matches = 0;
  for (let n = 0; n < 20_000; n++) {
    const pattern = list(random, ['a', 'b', '*', '**'], 0, 6);
    const segments = list(random, ['a', 'b', 'c'], 0, 7);
    const expected = naive(pattern, segments);
    if (expected) matches++;
    if (matchesPattern(pattern, segments) !== expected)
      t.fail(`${pattern.join('/')} on ${segments.join('/')}`);
  }
  t.true(matches > 2_000 && matches < 18_000, `${matches} matches`);
});

test('pattern – many ** on a long path take no exponential time (attacks: DoS)', (t) => {
  const pattern = Array.from({ length: 60 }, (_, n) => (n % 2 ? 'a' : '**'));
  const segments = Array.from({ length: 2_000 }, () => 'a');
  t.false(matchesPattern([...pattern, 'b'], segments));
  t.true(matchesPattern([...pattern, '**'], segments));
});
