import { pino } from 'pino';
import { harmless } from './json-line.ts';
import type { LineDestination } from './log-destination.ts';

/** A log of JSON lines that no content can break. Several logs can share one destination. */
export function createLineLog(destination: LineDestination): pino.Logger {
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    { write: (line) => destination.write(harmless(line)) },
  );
}
