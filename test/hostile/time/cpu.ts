import { slowness } from './slowness.ts';

/** What costs less is believed at once, in microseconds. */
const little = 200;
const most = 25;

/**
 * Microseconds that one run takes: the best of several. A machine that does something else beside it stops a process for a
 * while, so one try proves nothing; what costs something costs it at each try.
 * @param enough what is not dearer is not tried again
 */
export async function costOf(run: () => unknown, enough = little): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < most && (tries < 3 || best > enough); tries++) {
    const began = performance.now();
    await run();
    best = Math.min(best, (performance.now() - began) * 1000);
  }
  return best;
}

/** So many runs are long enough for the clock of a thread, which some systems move by whole milliseconds. */
const batch = 10;
const batches = 5;

/**
 * Microseconds of processor time above a budget; undefined where a run keeps within it. One that is over before the wall
 * clock says so needs no other one; else the processor time of this thread decides, of the best of several batches, so
 * that what other processes do never makes a run look slow. A machine that is slower by itself gets as much more time as it
 * takes for something else.
 */
export async function overBudget(run: () => unknown, budget: number): Promise<number | undefined> {
  const began = performance.now();
  await run();
  if ((performance.now() - began) * 1000 <= budget) return undefined;
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < batches && best > budget; n++) {
    const before = process.threadCpuUsage();
    for (let one = 0; one < batch; one++) await run();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / batch);
  }
  return best > budget && best > budget * slowness() ? best : undefined;
}
