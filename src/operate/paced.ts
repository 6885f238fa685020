import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Limits how often `make` runs: one call at a time, with a pause of `every` milliseconds, or of four times as long as it
 * took. Calls that wait
 * share one result. It was begun after the call of each, so it is never an old one.
 */
export function paced<T>(make: () => Promise<T>, every: number): () => Promise<T> {
  let next: Promise<T> | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  const turn = async (): Promise<T> => {
    await underWay;
    next = undefined;
    const began = performance.now();
    const made = make();
    underWay = made
      .catch(() => undefined)
      .then(() => sleep(Math.max(every, 4 * (performance.now() - began))));
    return made;
  };
  return () => {
    next ??= turn();
    return next;
  };
}
