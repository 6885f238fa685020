import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Callers say how long a step takes on a quiet machine at the most. A machine that is slow and busy gets this many times as
 * long. A step that never ends still fails, only later. So these limits cannot show that something is slow.
 * `TEST_SLACK` sets another factor: tools/mutations takes 2, because there most steps that take long never end.
 */
const slack = Number(process.env.TEST_SLACK ?? 6);

/** Runs `step`, or rejects when it has not settled in time. The step itself goes on; it is only no longer waited for. */
export async function withDeadline<T>(what: string, ms: number, step: Promise<T>): Promise<T> {
  const limit = ms * slack;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` again and again until it gives something other than undefined or false, or until it is too late. */
export async function waitFor<T>(
  what: string,
  ms: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  intervalMs = 20,
): Promise<T> {
  const limit = ms * slack;
  const end = performance.now() + limit;
  for (;;) {
    // Looked at before the probe: a process that was stopped for a while asks at least once more.
    const isLast = performance.now() >= end;
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (isLast) throw new Error(`${what}: not so within ${limit} ms`);
    await sleep(intervalMs);
  }
}
