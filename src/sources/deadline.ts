/** The longest that a timer of Node can run. */
const longest = 2 ** 31 - 1;

/**
 * Waits for `work`, but no longer than `milliseconds`: then rejects with what `late` makes. The work itself goes on, and
 * whoever else waits for it is not disturbed.
 */
export async function within<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), Math.max(0, Math.min(milliseconds, longest)));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
