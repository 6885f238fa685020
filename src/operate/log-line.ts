import { type DestinationStream, pino } from 'pino';

/** Characters of a field that a caller fills; the rest is cut off and marked. */
const maxField = 512;

/** A log of JSON lines that cannot be broken by what stands in them, on one destination with others. */
export function createLineLog(destination: DestinationStream): pino.Logger {
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    { write: (line) => destination.write(harmless(line)) },
  );
}

/** Short, or absent where it is empty. */
export function cut(text: string | undefined): string | undefined {
  if (!text) return undefined;
  return text.length > maxField ? `${text.slice(0, maxField)}…` : text;
}

/**
 * JSON escapes the C0 controls; DEL, the C1 controls, line separators and what turns the direction of writing are left.
 * None of them is part of JSON itself, so the finished line can be cleaned in one go.
 */
function harmless(line: string): string {
  return line.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
