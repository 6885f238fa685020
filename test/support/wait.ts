import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `step`, or rejects when it has not settled within `ms`. The step itself goes on; it is only no longer waited for. */
export async function withDeadline<T>(what: string, ms: number, step: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` again and again until it gives something other than undefined or false, or `ms` have passed. */
export async function waitFor<T>(
  what: string,
  ms: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  intervalMs = 20,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() >= end) throw new Error(`${what}: not so within ${ms} ms`);
    await sleep(intervalMs);
  }
}
