import fc from 'fast-check';

/** Names that mean something to JavaScript, or that a reader could take for something of its own. */
export const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'length',
  '',
  '0',
  '-1',
  '/',
  '~0',
  '\u0000',
  '\ud800',
  'é',
];

/** Texts with a history: separators, controls, marks of direction, what looks like something else. */
export const oddTexts = [
  '',
  ' ',
  ',',
  ';',
  '"',
  '\\',
  '%',
  '%00',
  '%0a',
  '%25',
  '\0',
  '\r\n',
  '\n',
  '\t',
  '\x1b[31m',
  '\x7f',
  '\u009b',
  '\u00a0',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\udfff\ud800',
  '😀',
  'ı',
  'ſ',
  'K',
  '../',
  '//',
  'null',
  'true',
  'NaN',
  '1e400',
  '[object Object]',
  'x'.repeat(9_000),
];

/** Any text, the odd ones well represented. */
export const oddText = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

const oddNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e15, 1e21, 2 ** 53, -(2 ** 53), 1e308, Number.MIN_VALUE, 4_102_444_800),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** An object that has its names as own members, `__proto__` too, as JSON.parse makes it. */
export function objectOf(pairs: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, value] of pairs)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}

/** Any JSON, in the shapes that readers do not expect. */
export const oddJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false),
    oddNumber,
    oddText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...oddNames), oddText), tie('value')), { maxLength: 4 })
      .map(objectOf),
    fc.integer({ min: 2, max: 3_000 }).map((depth) => nested(depth)),
    // What no text can be made of.
    fc.constantFrom<unknown>({ toString: null }, { toString: 1, valueOf: 1 }, [{ toString: null }]),
  ),
})).value;

/** A list in a list in a list; built without recursion. */
export function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** JSON as a text, where JSON.stringify itself could not write it. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}
