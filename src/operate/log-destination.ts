import { pino } from 'pino';

/** Written in pieces of this size: each write occupies a thread that competes with the checks. */
const bufferBytes = 65_536;
/** Beyond this, lines are given up rather than held: a reader that stopped must not fill the memory. */
const mostBytes = 8_388_608;
const flushEvery = 500;

/** Where log lines go: written in the background, so that a reader who stopped reading never holds up a check. */
export function createLogDestination(target: string | number, dropped: () => void) {
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
