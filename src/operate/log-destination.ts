import { setTimeout as sleep } from 'node:timers/promises';
import { type DestinationStream, pino } from 'pino';

/** Where a service writes its log. */
export interface LogOptions {
  /** Decision log and service log, one JSON object per line. */
  readonly log: DestinationStream;
  /** Receives a function that counts dropped lines. */
  readonly onDropped?: (count: () => void) => void;
}

/** The log is written in pieces of this size, because each write uses a thread that competes with the checks. */
const bufferBytes = 65_536;
/** Lines beyond this buffer are dropped: a stopped reader must not fill the memory. */
const mostBytes = 8_388_608;
const flushEvery = 500;
/** Milliseconds for the last lines at the end: a stopped reader must not keep the process alive. */
const lastWords = 1_000;

/** Writes log lines in the background, so that a stopped reader never delays a check. */
export function createLogDestination(
  target: string | number,
  dropped: () => void,
): ReturnType<typeof pino.destination> {
  const destination = pino.destination({
    dest: target,
    sync: false,
    minLength: bufferBytes,
    maxWrite: 4 * bufferBytes,
    maxLength: mostBytes,
    periodicFlush: flushEvery,
  });
  destination.on('drop', dropped);
  // EPIPE and ENOSPC lose log lines, but not checks.
  destination.on('error', dropped);
  return destination;
}

export type LogDestination = ReturnType<typeof createLogDestination>;

/** Writes the remaining lines, as far as they are read in time. */
export async function flushLog(destination: LogDestination): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  destination.flush(() => resolve());
  await Promise.race([promise, sleep(lastWords)]);
}
