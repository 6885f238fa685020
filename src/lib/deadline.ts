/** The longest time of a timer in Node. */
const longest = 2 ** 31 - 1;

/**
 * Waits at most so many milliseconds, then rejects with the error of `late`. The work itself goes on. After a
 * stall of this process, an answer that has arrived meanwhile still counts: it is read before.
 */
export async function within<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => setImmediate(() => reject(late()));
  const timer = setTimeout(giveUp, Math.max(0, Math.min(milliseconds, longest)));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
