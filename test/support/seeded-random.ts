/** Random choices that are the same on every run: a failure can be repeated. */
export interface SeededRandom {
  /** 0 ≤ x < 1 */
  next(): number;
  /** 0 ≤ x < below */
  integer(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** A text of up to `most` characters from all of Unicode, control characters and separators well represented. */
  text(most: number): string;
}

const favourites = [
  '%',
  ',',
  ' ',
  '\r',
  '\n',
  '\0',
  '\t',
  ';',
  '"',
  '\\',
  '=',
  '+',
  'é',
  '\u00a0',
  '\u202e',
  '😀',
];

export function seededRandom(seed: number): SeededRandom {
  let state = seed;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  const pick = <T>(from: readonly T[]): T => from[integer(from.length)] as T;
  const character = (): string => {
    const kind = integer(4);
    if (kind === 0) return pick(favourites);
    if (kind === 1) return String.fromCharCode(integer(0x80));
    const point = integer(0x11_0000);
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    return isSurrogate || kind === 2
      ? String.fromCharCode(0x21 + integer(0x5e))
      : String.fromCodePoint(point);
  };
  return {
    next,
    integer,
    pick,
    text: (most) => Array.from({ length: integer(most + 1) }, character).join(''),
  };
}
