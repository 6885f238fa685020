/** How much of a value must be read, as multiples of sizes that the facts provide later. */
export interface Size {
  /** By itself. */
  readonly ones: number;
  /** Times the largest element of a claim. */
  readonly elements: number;
  /** Times everything that is read. */
  readonly wholes: number;
  /** Times the longest text. */
  readonly texts: number;
}

/** How many elements a list can have: a constant, plus a multiple of the widest list that is read. */
export interface Span {
  readonly ones: number;
  readonly widths: number;
}

export const nothing: Size = { ones: 0, elements: 0, wholes: 0, texts: 0 };

/** Characters that one step compares: about 20 ns if both texts are stored in different widths. */
export const charactersPerStep = 32;

export function stepsOfText(text: string): number {
  return Math.ceil(text.length / charactersPerStep);
}

function combined(a: Size, b: Size, combine: (a: number, b: number) => number): Size {
  return {
    ones: combine(a.ones, b.ones),
    elements: combine(a.elements, b.elements),
    wholes: combine(a.wholes, b.wholes),
    texts: combine(a.texts, b.texts),
  };
}

export function scaled(size: Size, factor: number): Size {
  return combined(size, size, (part) => part * factor);
}

/** Of both. */
export function sum(a: Size, b: Size): Size {
  return combined(a, b, (left, right) => left + right);
}

/** Of either, whichever it turns out to be. */
export function larger(a: Size, b: Size): Size {
  return combined(a, b, Math.max);
}

/** An upper bound of the smaller of two sizes: a comparison ends where the smaller value does. */
export function smaller(a: Size, b: Size): Size {
  const weight = ({ ones, elements, wholes, texts }: Size) =>
    (wholes * 1_000 + texts * 100 + elements * 10) * 1_000 + ones;
  return weight(a) <= weight(b) ? a : b;
}
