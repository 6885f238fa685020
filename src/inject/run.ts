import { createLogDestination, flushLog } from '../operate/log-destination.ts';
import { loadInject } from './load.ts';
import { startInject } from './start.ts';

/** `peerproof inject`: runs until SIGTERM or SIGINT. Returns the exit code. */
export async function runInject(file: string): Promise<number> {
  const loaded = loadInject(file);
  let count: () => void = () => undefined;
  const log = createLogDestination(1, () => count());
  const running = await startInject(loaded, {
    log,
    onDropped: (counter) => {
      count = counter;
    },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void running.drain().then(resolve));
  await promise;
  await flushLog(log);
  return 0;
}
