import type { CheckTotals } from './durations.ts';

/** Seconds between two samples. */
export const sampleEvery = 5;
/** The last 15 minutes. */
const mostSamples = 180;

/** The checks of one period. */
export interface Sample extends CheckTotals {
  /** When the period ended, in seconds since the epoch. Those of several processes are equal. */
  readonly at: number;
}

/** Remembers how many checks there were in each period of the last 15 minutes. A check costs nothing. */
export class Samples {
  readonly #totals: () => CheckTotals;
  readonly #clock: () => number;
  readonly #samples: Sample[] = [];
  #before: CheckTotals;
  #timer: NodeJS.Timeout | undefined;

  constructor(totals: () => CheckTotals, clock: () => number) {
    this.#totals = totals;
    this.#clock = clock;
    this.#before = totals();
  }

  start(): void {
    this.#timer = setInterval(() => this.take(), sampleEvery * 1_000);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Ends a period. */
  take(): void {
    const now = this.#totals();
    const before = this.#before;
    this.#before = now;
    const at = Math.round(this.#clock() / 1_000 / sampleEvery) * sampleEvery;
    // If the clock was set back, samples of its earlier time would be shown as the newest.
    while ((this.#samples.at(-1)?.at ?? 0) > at) this.#samples.pop();
    this.#samples.push({
      at,
      allow: now.allow - before.allow,
      deny: now.deny - before.deny,
      unavailable: now.unavailable - before.unavailable,
      answer: now.answer - before.answer,
      buckets: now.buckets.map((count, index) => count - (before.buckets[index] ?? 0)),
    });
    if (this.#samples.length > mostSamples) this.#samples.shift();
  }

  /** The oldest first. */
  read(): readonly Sample[] {
    return this.#samples;
  }
}
