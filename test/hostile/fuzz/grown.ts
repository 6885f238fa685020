import fc from 'fast-check';

/** What readers stop at, step back from, or nest: beside any character, and what a target knows of its own. */
const common = [
  'a',
  ' ',
  '\t',
  ',',
  ';',
  '=',
  '&',
  '+',
  '%',
  '%2',
  '%61',
  '%20',
  '%0A',
  '%C3',
  '!',
  '.',
  '/',
  '"',
  '\\',
  '\\"',
  '[',
  '{"a":',
  '-',
  '_',
  '\n',
  '\r\n',
  '\0',
  'é',
  '\ud800',
  '\u{1f600}',
  '-----',
  'bearer',
  'Bearer ',
  'By=',
  'Cert="',
  'spiffe://',
];

/**
 * A text as long as a door lets through: one, two or three pieces over and over, between a beginning and an end. Costs that
 * grow faster than the length show in such texts, and not in short or in random ones.
 */
export function grownText(longest: number, words: readonly string[] = []): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...common, ...words) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 3, unit: 'binary-ascii' }) },
  );
  const edge = fc.oneof(
    fc.constant(''),
    piece,
    fc.array(piece, { maxLength: 4 }).map((some) => some.join('')),
  );
  const length = fc.constantFrom(longest, longest, longest, Math.floor(longest / 7), longest + 1);
  return fc
    .tuple(edge, fc.array(piece, { minLength: 1, maxLength: 3 }), edge, length)
    .map(([begin, pieces, end, size]) => {
      const unit = pieces.join('');
      const room = Math.max(0, size - begin.length - end.length);
      return begin + unit.repeat(Math.ceil(room / unit.length)).slice(0, room) + end;
    });
}
