import { hash } from 'node:crypto';

/** What a command gets to try only as much as fits into a time: `--seconds NUMBER --seed TEXT`. */
export interface TimeBoxOptions {
  readonly seconds: number;
  /** Another seed tries another part first. `.ci/run` gives the commit. */
  readonly seed: string;
}

/**
 * A list of what is to be tried, in an order that the seed gives. It gives out nothing new once the time is over; what was
 * begun goes on. Without options there is no limit, and the order is that of the list.
 */
export class TimeBox<T> {
  readonly #waiting: T[];
  readonly #end: number;

  /** @param most so many are given out at most, if there are options */
  constructor(
    items: readonly T[],
    nameOf: (item: T) => string,
    options?: TimeBoxOptions,
    most = items.length,
  ) {
    const place = (item: T) => hash('sha256', `${options?.seed} ${nameOf(item)}`);
    this.#waiting = options
      ? items.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)).slice(0, most)
      : [...items];
    this.#end = performance.now() + 1_000 * (options?.seconds ?? Number.POSITIVE_INFINITY);
  }

  /** The next one; undefined if none is left, or if the time is over. */
  next(): T | undefined {
    return performance.now() < this.#end ? this.#waiting.shift() : undefined;
  }

  /** What was not given out. */
  get left(): readonly T[] {
    return this.#waiting;
  }
}

/** For `parseArgs`. */
export const timeBoxFlags = { seconds: { type: 'string' }, seed: { type: 'string' } } as const;

/** Throws TypeError if only one of the two is there, or the number is none. */
export function readTimeBox(values: {
  readonly seconds?: string | undefined;
  readonly seed?: string | undefined;
}): TimeBoxOptions | undefined {
  const { seconds, seed } = values;
  if (seconds === undefined && seed === undefined) return undefined;
  if (seed === undefined || !/^\d+$/.test(seconds ?? ''))
    throw new TypeError('--seconds needs a whole number, and --seed a text, such as a commit');
  return { seconds: Number(seconds), seed };
}
