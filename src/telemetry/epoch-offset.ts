/**
 * Makes a function that returns what turns `performance.now()` into milliseconds since the epoch.
 * `Date.now()` has whole milliseconds, and a span that is a millisecond early begins before its parent. The
 * start of the process is known more exactly, but not after hours: so its offset is kept, as far as
 * `Date.now()` agrees with it.
 */
export function createEpochOffset(
  clock: () => number = Date.now,
  stopwatch: () => number = () => performance.now(),
  first: number = performance.timeOrigin,
): () => number {
  let offset = first;
  return () => {
    const earliest = clock() - stopwatch();
    offset = Math.min(Math.max(offset, earliest), earliest + 1);
    return offset;
  };
}
