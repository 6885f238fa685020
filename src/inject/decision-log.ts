import { type DestinationStream, pino } from 'pino';
import type { Evidence } from '../evidence.ts';
import { traceIdOf } from '../operate/trace-id.ts';
import type { Outcome } from './inject.ts';

/** Characters of a field that a caller fills. */
const maxField = 512;

/** One JSON line a request, from the fields below and no others: never a token, a header, a path or a query. */
export function createInjectLog(destination: DestinationStream) {
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    // JSON escapes the C0 controls; hosts and methods have nothing outside ASCII that would be worth keeping.
    { write: (line) => destination.write(line.replace(/[^\n -~]/g, '\ufffd')) },
  );
  return (id: string, outcome: Outcome, { request }: Evidence, microseconds: number): void => {
    log.info({
      decision_id: id,
      effect: outcome.effect,
      reason: outcome.reason,
      rule: outcome.entry,
      detail: outcome.effect === 'allow' ? undefined : outcome.detail,
      door: 'grpc',
      method: cut(request?.method),
      host: cut(request?.host),
      duration_us: microseconds,
      trace_id: request && traceIdOf(request.headers),
      request_id: cut(request?.headers['x-request-id']),
    });
  };
}

/** Short, or absent where it is empty. */
function cut(text: string | undefined): string | undefined {
  if (!text) return undefined;
  return text.length > maxField ? `${text.slice(0, maxField)}...` : text;
}
