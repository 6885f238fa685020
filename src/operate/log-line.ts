import { pino } from 'pino';
import { harmless } from './json-line.ts';
import type { LineDestination } from './log-destination.ts';
import { type LogFormatName, logFormats } from './log-format.ts';

/**
 * A log of JSON lines that no content can break. Several logs can share one destination.
 * @param format called for each line, because a reload can change it
 */
export function createLineLog(
  destination: LineDestination,
  format: () => LogFormatName = () => 'json',
): pino.Logger {
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    { write: (line) => destination.write(harmless(logFormats[format()].serviceLine(line))) },
  );
}
