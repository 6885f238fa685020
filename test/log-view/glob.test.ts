import test from 'ava';
import fc from 'fast-check';
import { parseGlob } from '../../src/log-view/glob.ts';

test('glob – a star stands for any characters, and everything else for itself', (t) => {
  for (const [pattern, text, expected] of [
    ['orders', 'orders', true],
    ['orders', 'orders/1', false],
    ['orders/*', 'orders/1/2', true],
    ['orders/*', 'orders/', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*b', 'ab', false],
    ['a*b*b', 'ab', false],
    ['**a**', 'xax', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
  ] as const)
    t.is(parseGlob(pattern)(text), expected, `${pattern} ${text}`);
});

test('glob – agrees with a regular expression', (t) => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  t.notThrows(() =>
    fc.assert(
      fc.property(part, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), (pattern, text) => {
        const expected = new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`).test(text);
        t.is(parseGlob(pattern)(text), expected);
      }),
      { numRuns: 500 },
    ),
  );
});
