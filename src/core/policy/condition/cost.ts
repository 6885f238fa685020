import type { Extent } from './extent.ts';
import { nothing, type Size, type Span, scaled, sum } from './size.ts';

/**
 * The most steps that an expression can take, as a polynomial in the widths of the lists that it loops over.
 * A step is about 20 ns: one evaluated node, or some characters of a text. The polynomial is found when the
 * expression is compiled, and computed for the facts of each check before anything is evaluated. It is an
 * upper bound, so nothing is counted during evaluation. measured-cost.test.ts measures each operation.
 */
export class Cost {
  /** By the power of the width. */
  readonly #terms: Size[] = [];
  /** How often the present place is evaluated, by the power of the width. */
  #factor: readonly number[] = [1];

  add(size: Partial<Size>): void {
    for (const [power, factor] of this.#factor.entries())
      this.#terms[power] = sum(this.#terms[power] ?? nothing, scaled({ ...nothing, ...size }, factor));
  }

  /** Whatever `body` adds is counted once for each element. */
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
    for (const { ones, elements, wholes, texts } of this.#terms) {
      steps += power * (ones + elements * element + wholes * whole + texts * text);
      power *= width;
    }
    return steps;
  }
}
