import { type DestinationStream, pino } from 'pino';

/** The most characters of a field with text from a caller. The rest is cut off and marked. */
const maxField = 512;

/** A log of JSON lines that no content can break. Several logs can share one destination. */
export function createLineLog(destination: DestinationStream): pino.Logger {
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    { write: (line) => destination.write(harmless(line)) },
  );
}

/** Shortens a text. Undefined if it is empty. */
export function cut(text: string | undefined): string | undefined {
  if (!text) return undefined;
  return text.length > maxField ? `${text.slice(0, maxField)}…` : text;
}

/**
 * JSON escapes the C0 controls, but not DEL, the C1 controls, line separators and direction marks. JSON syntax does not
 * use them, so they are replaced in the finished line.
 */
function harmless(line: string): string {
  return line.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
