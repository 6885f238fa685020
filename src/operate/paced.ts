import { setTimeout as sleep } from 'node:timers/promises';

/** The longest pause, in milliseconds: Prometheus waits ten seconds for an answer. */
const longestPause = 5_000;

/**
 * Limits how often `make` runs: one call at a time, with a pause of `every` milliseconds. After a call that took long, the
 * pause is four times as long as it. Calls that wait share one result. It was begun after the call of each, so it is never
 * an old one.
 */
export function paced<T>(make: () => Promise<T>, every: number): () => Promise<T> {
  let next: Promise<T> | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  const turn = async (): Promise<T> => {
    await underWay;
    next = undefined;
    const began = performance.now();
    const pause = () => Math.max(every, Math.min(longestPause, 4 * (performance.now() - began)));
    const made = make();
    underWay = made.catch(() => undefined).then(() => sleep(pause()));
    return made;
  };
  return () => {
    next ??= turn();
    return next;
  };
}
