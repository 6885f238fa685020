import type { Latency } from '../latency.ts';
import type { Measured } from '../measure.ts';
import type { Memory } from '../memory.ts';
import type { Start } from '../start.ts';
import { median } from '../statistics.ts';

export interface RowResult {
  readonly name: string;
  readonly comparedWith: readonly string[];
  /** One for each round. */
  readonly windows: readonly Measured[];
}

/** What one run gave. What it was not asked for is absent. */
export interface Parts {
  readonly rows: readonly RowResult[];
  readonly latency?: readonly Latency[];
  readonly memory?: Memory;
  readonly start?: Start;
}

/** The figures of one run. Those that were not measured are NaN. */
export class Results {
  readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Median of one figure over the rounds. */
  median(name: string, figure: (window: Measured) => number | undefined): number {
    return median(this.#windows(name).map((window) => figure(window) ?? Number.NaN));
  }

  /** How many times the checks for a CPU second of another row: the median of the ratios of each round. */
  ratio(name: string, other: string): number {
    const others = this.#windows(other);
    return median(
      this.#windows(name).map(
        ({ perCpuSecond }, round) => perCpuSecond / (others[round]?.perCpuSecond ?? Number.NaN),
      ),
    );
  }

  /** Lines that decision logs are short of. */
  lostLines(): number {
    return this.parts.rows
      .flatMap(({ windows }) => windows)
      .reduce((sum, { lostLines }) => sum + lostLines, 0);
  }

  #windows(name: string): readonly Measured[] {
    return this.parts.rows.find((row) => row.name === name)?.windows ?? [];
  }
}
