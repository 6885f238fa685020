import { createLogDestination, flushLog, type LogDestination } from './log-destination.ts';

/** Starts a service with a log. `onDropped` receives a function that counts dropped lines. */
type Start = (
  log: LogDestination,
  onDropped: (count: () => void) => void,
) => Promise<{ drain(): Promise<void>; reload?: (() => Promise<void>) | undefined }>;

/** Runs a service until SIGTERM or SIGINT, then drains it. Logs to stdout. @returns the exit code */
export async function runUntilStopped(start: Start): Promise<number> {
  let count: () => void = () => undefined;
  const log = createLogDestination(1, () => count());
  const running = await start(log, (counter) => {
    count = counter;
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  process.on('SIGHUP', () => void running.reload?.());
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void running.drain().then(resolve));
  await promise;
  await flushLog(log);
  return 0;
}
