/** Tries end when they took so long together, in microseconds; what is slow is tried a few times all the same. */
const enough = 4_000;

/**
 * Microseconds that one run takes: the best of several. A machine that does something else beside it stops a process for a
 * while, so one try proves nothing; what costs something costs it at each try.
 */
export async function costOf(run: () => unknown, tries = 6): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let n = 0; n < tries && (n < 3 || spent < enough); n++) {
    const began = performance.now();
    await run();
    const took = (performance.now() - began) * 1000;
    best = Math.min(best, took);
    spent += took;
  }
  return best;
}
