import type { Extent } from './facts.ts';

/** How large a value can be: so many by itself, so many elements of claims, so many times everything that is read. */
export interface Size {
  readonly ones: number;
  readonly elements: number;
  readonly wholes: number;
}

/** How many elements a list can have: so many by itself, and so many times the widest list that is read. */
export interface Span {
  readonly ones: number;
  readonly widths: number;
}

interface Terms {
  ones: number;
  elements: number;
  wholes: number;
  /** Passes over the longest text, one code point at a time; a search takes in many at once. */
  texts: number;
}

/**
 * The most steps that an expression can take, as a polynomial in the widths of the lists that it loops over. A step is a
 * node of the expression, evaluated once: about 20 ns. Found once, when the expression is compiled; computed for the
 * facts of each check, before anything is evaluated. It is an upper bound, so that nothing has to be counted on the way.
 */
export class Cost {
  /** By the power of the width. */
  readonly #terms: Terms[] = [];
  /** What one evaluation at the present place is multiplied with, by the power of the width. */
  #factor: readonly number[] = [1];

  add({ ones = 0, elements = 0, wholes = 0, texts = 0 }: Partial<Terms>): void {
    for (const [power, factor] of this.#factor.entries()) {
      this.#terms[power] ??= { ones: 0, elements: 0, wholes: 0, texts: 0 };
      const terms = this.#terms[power];
      terms.ones += factor * ones;
      terms.elements += factor * elements;
      terms.wholes += factor * wholes;
      terms.texts += factor * texts;
    }
  }

  /** What `body` adds is done once for each element. */
  repeat({ ones, widths }: Span, body: () => void): void {
    const outer = this.#factor;
    this.#factor = Array.from(
      { length: outer.length + 1 },
      (_, power) => ones * (outer[power] ?? 0) + widths * (outer[power - 1] ?? 0),
    );
    body();
    this.#factor = outer;
  }

  /** The most steps for facts of this extent. */
  for({ width, element, whole, text }: Readonly<Extent>): number {
    let steps = 0;
    let power = 1;
    for (const terms of this.#terms) {
      const each =
        terms.ones + terms.elements * element + terms.wholes * whole + terms.texts * Math.ceil(text / 4);
      steps += power * each;
      power *= width;
    }
    return steps;
  }
}
