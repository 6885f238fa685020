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

/** Steps to read a text once. */
export function stepsOfText(text: string): number {
  return Math.ceil(text.length / charactersPerStep);
}

export function scaled(size: Size, factor: number): Size {
  return {
    ones: size.ones * factor,
    elements: size.elements * factor,
    wholes: size.wholes * factor,
    texts: size.texts * factor,
  };
}

/** Of both. */
export function sum(a: Size, b: Size): Size {
  return {
    ones: a.ones + b.ones,
    elements: a.elements + b.elements,
    wholes: a.wholes + b.wholes,
    texts: a.texts + b.texts,
  };
}

/** Of either, whichever it turns out to be. */
export function larger(a: Size, b: Size): Size {
  return {
    ones: Math.max(a.ones, b.ones),
    elements: Math.max(a.elements, b.elements),
    wholes: Math.max(a.wholes, b.wholes),
    texts: Math.max(a.texts, b.texts),
  };
}

/** An upper bound of the smaller of two sizes: a comparison ends where the smaller value does. */
export function smaller(a: Size, b: Size): Size {
  const weight = ({ ones, elements, wholes, texts }: Size) =>
    (wholes * 1_000 + texts * 100 + elements * 10) * 1_000 + ones;
  return weight(a) <= weight(b) ? a : b;
}
