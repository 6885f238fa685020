import { setTimeout as sleep } from 'node:timers/promises';
import { type DestinationStream, pino } from 'pino';

/** Where a service writes its log. */
export interface LogOptions {
  /** Decision log and service log, one JSON object a line. */
  readonly log: DestinationStream;
  /** Told of a way to count lines that the destination gives up. */
  readonly onDropped?: (count: () => void) => void;
}

/** Written in pieces of this size: each write occupies a thread that competes with the checks. */
const bufferBytes = 65_536;
/** Beyond this, lines are given up rather than held: a reader that stopped must not fill the memory. */
const mostBytes = 8_388_608;
const flushEvery = 500;
/** Milliseconds that the last lines may take at the end: a reader who stopped must not keep the process. */
const lastWords = 1_000;

/** Where log lines go: written in the background, so that a reader who stopped reading never holds up a check. */
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
  // EPIPE and ENOSPC: the log is lost, the checks are not.
  destination.on('error', dropped);
  return destination;
}

export type LogDestination = ReturnType<typeof createLogDestination>;

/** Writes what is left, as far as anybody reads it in time. */
export async function flushLog(destination: LogDestination): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  destination.flush(() => resolve());
  await Promise.race([promise, sleep(lastWords)]);
}
