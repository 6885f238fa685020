import { constants, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlockWriter } from './block-writer.ts';

/** Takes whole lines. */
export interface LineDestination {
  write(line: string): void;
  /** The bytes that wait to be written, and the most that may wait. Absent if it does not know. */
  readonly queue?: { readonly used: number; readonly limit: number } | undefined;
}

/** Where a service writes its log. */
export interface LogOptions {
  /** Decision log and service log, one JSON object per line. */
  readonly log: LineDestination;
  /** Receives a function that counts dropped lines. */
  readonly onDropped?: (count: () => void) => void;
}

/** Milliseconds for the last lines at the end: a stopped reader must not keep the process alive. */
const lastWords = 1_000;

export type LogDestination = BlockWriter;

/**
 * Writes log lines in the background, so that a stopped reader never delays a check. A crash writes them too.
 */
export function createLogDestination(target: string | number, dropped: () => void): LogDestination {
  const fd = typeof target === 'string' ? openSync(target, 'a') : target;
  const writer = new BlockWriter(withoutWaiting(fd), dropped);
  process.on('exit', () => writer.flushSync());
  return writer;
}

/**
 * The same pipe as a descriptor that never waits for its reader. A write that waits keeps a thread of Node's
 * pool, and the process cannot end before it returns. Other descriptors stay as they are: sockets cannot be
 * opened again, and files do not wait.
 */
function withoutWaiting(fd: number): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // There is no /proc, or the pipe belongs to another user.
    return fd;
  }
}

/** Writes the remaining lines, as far as they are read in time. */
export async function flushLog(destination: LogDestination): Promise<void> {
  await Promise.race([destination.flush(), sleep(lastWords)]);
}
