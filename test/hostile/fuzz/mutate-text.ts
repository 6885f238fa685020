import fc from 'fast-check';

/** No input grows beyond this, however often a part of it is repeated. */
const longest = 200_000;

type Edit = (text: string) => string;
type Place = (length: number) => number;

/** Anywhere, and often at the two ends, where lengths, prefixes and checks of the end are. */
const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 4, arbitrary: fc.nat().map((at) => (length: number) => at % (length + 1)) },
  { weight: 1, arbitrary: fc.nat(12).map((at) => (length: number) => Math.min(at, length)) },
  { weight: 1, arbitrary: fc.nat(12).map((at) => (length: number) => Math.max(0, length - at)) },
);
const short = fc.oneof({ weight: 6, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(400) });
const times = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 20_000 }) },
);

/** Edits with no word of their own: each character is one byte where `bytes` is said, else any of Unicode. */
function edit(words: readonly string[], characters: fc.Arbitrary<string>): fc.Arbitrary<Edit> {
  const piece = fc.oneof(...(words.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...words) }] : []), {
    weight: 2,
    arbitrary: characters,
  });
  const put = (text: string, at: number, much: number, by: string) =>
    text.slice(0, at) + by + text.slice(at + much);
  return fc.oneof(
    fc.tuple(place, short).map(
      ([at, much]): Edit =>
        (text) =>
          put(text, at(text.length), much, ''),
    ),
    fc.tuple(place, piece).map(
      ([at, by]): Edit =>
        (text) =>
          put(text, at(text.length), 0, by),
    ),
    fc.tuple(place, short, piece).map(
      ([at, much, by]): Edit =>
        (text) =>
          put(text, at(text.length), much, by),
    ),
    fc.tuple(place, fc.nat(7)).map(
      ([at, bit]): Edit =>
        (text) => {
          const from = Math.min(at(text.length), Math.max(0, text.length - 1));
          return put(text, from, 1, String.fromCharCode((text.charCodeAt(from) || 0) ^ (1 << bit)));
        },
    ),
    fc.tuple(place, fc.constantFrom(-1, 1, 2, -2, 16, -16)).map(
      ([at, by]): Edit =>
        (text) => {
          const from = Math.min(at(text.length), Math.max(0, text.length - 1));
          return put(text, from, 1, String.fromCharCode(((text.charCodeAt(from) || 0) + by) & 0xff));
        },
    ),
    fc.tuple(place, short, times).map(
      ([at, much, often]): Edit =>
        (text) => {
          const from = at(text.length);
          return put(text, from, 0, text.slice(from, from + much).repeat(often)).slice(0, longest);
        },
    ),
    fc.tuple(place, place, short).map(
      ([at, to, much]): Edit =>
        (text) =>
          put(text, to(text.length), much, text.slice(at(text.length), at(text.length) + much)),
    ),
    {
      weight: 1,
      arbitrary: place.map(
        (at): Edit =>
          (text) =>
            text.slice(0, at(text.length)),
      ),
    },
  );
}

export interface MutateOptions {
  /** Pieces that mean something to the reader. */
  readonly words?: readonly string[];
  /** Whether every character must be one byte. */
  readonly bytes?: boolean;
  readonly most?: number;
}

/** Texts with a few edits each. Some have none, so that valid input is among them. */
export function mutatedText(
  base: fc.Arbitrary<string>,
  { words = [], bytes = false, most = 5 }: MutateOptions = {},
): fc.Arbitrary<string> {
  const latin1 = fc.uint8Array({ maxLength: 8 }).map((some) => Buffer.from(some).toString('latin1'));
  const characters = bytes ? latin1 : fc.oneof(latin1, fc.string({ unit: 'binary', maxLength: 8 }));
  return fc
    .tuple(base, fc.array(edit(words, characters), { maxLength: most }))
    .map(([text, edits]) => edits.reduce((so, change) => change(so), text));
}

/** The same of bytes. */
export function mutatedBytes(base: fc.Arbitrary<Buffer>, options: MutateOptions = {}): fc.Arbitrary<Buffer> {
  const texts = base.map((bytes) => bytes.toString('latin1'));
  return mutatedText(texts, { ...options, bytes: true }).map((text) => Buffer.from(text, 'latin1'));
}
