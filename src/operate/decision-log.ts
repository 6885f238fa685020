import { type DestinationStream, pino } from 'pino';
import type { Door } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { Evidence } from '../evidence.ts';
import { factsOf } from '../identity/metadata.ts';
import { traceIdOf } from './trace-id.ts';

/** Characters of a field that a caller fills; the rest is cut off and marked. */
const maxField = 512;

/**
 * One JSON line a check, from the fields below and no others: never a token, a signature, a header, a query string.
 * What a caller wrote is cut to 512 characters; JSON escapes what could break the line or the terminal.
 */
export function createDecisionLog(destination: DestinationStream) {
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    destination,
  );
  return (decision: Decision, evidence: Evidence, door: Door, microseconds: number, now: number): void => {
    const { request } = evidence;
    const { token, peer, path } = decision.found;
    log.info({
      ...factsOf(decision),
      detail: decision.effect === 'allow' ? undefined : printable(decision.detail),
      door,
      method: printable(request?.method),
      host: printable(request?.host),
      path: printable(path ?? withoutQuery(request?.path)),
      destination: printable(evidence.destination.principal || undefined),
      peer_from: peer?.source,
      via: peer?.via?.uri,
      token_kind: token?.kind,
      alg: token?.algorithm,
      kid: token?.kid,
      key_age_s: token && Math.round((now - token.keyFetchedAt) / 1000),
      cache_hit: token?.cached,
      duration_us: microseconds,
      trace_id: request && traceIdOf(request.headers),
      request_id: printable(request?.headers['x-request-id']),
    });
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

function withoutQuery(path: string | undefined): string | undefined {
  return path?.split(/[?#]/, 1)[0];
}

/** Pino escapes what JSON must escape; C1 controls and the line separators of Unicode are left for us. */
function printable(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const short = text.length > maxField ? `${text.slice(0, maxField)}…` : text;
  return short.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
