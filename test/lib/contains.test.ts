import test from 'ava';
import fc from 'fast-check';
import { contains } from '../../src/lib/contains.ts';
import type { Pattern } from '../../src/lib/pattern.ts';

const of = (text: string): Pattern => (text === '' ? [] : text.split('/'));
const enough = () => ({ left: 100_000 });

for (const [wide, narrow, holds] of [
  [['**'], '', true],
  [['**'], 'a/*/**', true],
  [['a'], 'a', true],
  [['a'], 'b', false],
  [['*'], 'a', true],
  [['a'], '*', false],
  [['*'], '**', false],
  [['a/**'], 'a', true],
  [['a/*'], 'a/**', false],
  [['a', 'a/*/**'], 'a/**', true],
  [['**/*'], '*/**', true],
  [['*/**'], '**/*', true],
  [['*/**'], '**', false],
  [['', '*/**'], '**/a', true],
  [['**/b'], 'a/**/b', true],
  [['*/*/**/b'], 'a/**/b', false],
  [['**/a/**/a/**'], '**/a/*/a', true],
  [['**/a/*'], '**/a/a/*', true],
  [['**/a/**/b', '**/b/**/b'], '*/**/b', false],
] as const)
  test(`contains – ${JSON.stringify(wide)} ${holds ? 'has' : 'has not'} all of ${JSON.stringify(narrow)}`, (t) => {
    t.is(contains(wide.map(of), of(narrow), enough()), holds);
  });

const parts = fc.array(fc.constantFrom('a', 'b', '*', '**'), { maxLength: 4 });
const pattern = parts.map((list) => list.filter((part, index) => part !== '**' || list[index + 1] !== '**'));

/** All lists of up to six segments. `c` stands for each segment that no pattern names. */
const lists: string[][] = [[]];
for (const list of lists) if (list.length < 6) for (const part of 'abc') lists.push([...list, part]);

/** Another way to match: a regular expression over segments of one letter. */
const isMatched = (one: Pattern, list: readonly string[]) =>
  new RegExp(`^${one.map((part) => ({ '*': '.', '**': '.*' })[part] ?? part).join('')}$`).test(list.join(''));

for (const [wide, narrow, holds] of [
  [['a/*'], 'a/', false],
  [['a/**'], 'a/', true],
  [['*'], 'a/', false],
  [['**/*'], 'a/**', false],
  [['**/*', '**/'], 'a/**', true],
] as const)
  test(`contains – with a slash at the end that counts, ${JSON.stringify(wide)} ${holds ? 'has' : 'has not'} all of ${JSON.stringify(narrow)}`, (t) => {
    t.is(contains(wide.map(of), of(narrow), enough(), true), holds);
  });

test('contains – a pattern that begins with ** may be covered by one that begins with a segment', (t) => {
  t.true(
    contains(
      [
        ['**', '*', '*'],
        ['a', '**'],
      ],
      ['**', 'a'],
      enough(),
    ),
  );
});

test('contains – it agrees with trying all short lists of segments', (t) => {
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), pattern, (wide, narrow) => {
      const tried = lists.every(
        (list) => !isMatched(narrow, list) || wide.some((one) => isMatched(one, list)),
      );
      t.is(contains(wide, narrow, enough()), tried, JSON.stringify({ wide, narrow }));
    }),
    { numRuns: 1_000 },
  );
});

test('contains – without effort left it says no, and soon', (t) => {
  const effort = { left: 10_000 };
  const stars = Array.from({ length: 60 }, () => '*');
  t.false(contains([['**', 'a', ...stars]], ['**', 'a', ...stars], effort));
  t.true(effort.left < 0 && effort.left > -2_000);
  t.false(contains([['**']], ['a'], { left: 0 }));
});
