import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets something be made by one at a time and with `every` milliseconds in between, however many ask. All who ask are
 * given one that was begun after they asked: what they read is never from before.
 */
export function paced<T>(make: () => Promise<T>, every: number): () => Promise<T> {
  let next: Promise<T> | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  const turn = async (): Promise<T> => {
    await underWay;
    next = undefined;
    const made = make();
    underWay = made.catch(() => undefined).then(() => sleep(every));
    return made;
  };
  return () => {
    next ??= turn();
    return next;
  };
}
