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
    log.info(
      printable({
        ...factsOf(decision),
        detail: decision.effect === 'allow' ? undefined : decision.detail,
        door,
        method: request?.method,
        host: request?.host,
        path: path ?? withoutQuery(request?.path),
        destination: evidence.destination.principal,
        peer_from: peer?.source,
        via: peer?.via?.uri,
        token_kind: token?.kind,
        alg: token?.algorithm,
        kid: token?.kid,
        key_age_s: token && Math.round((now - token.keyFetchedAt) / 1000),
        cache_hit: token?.cached,
        duration_us: microseconds,
        trace_id: request && traceIdOf(request.headers),
        request_id: request?.headers['x-request-id'],
      }),
    );
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

function withoutQuery(path: string | undefined): string | undefined {
  return path?.split(/[?#]/, 1)[0];
}

type Field = string | number | boolean | readonly string[] | undefined;

/** The line with every text in it short and harmless, whoever wrote it; empty ones are left out. */
function printable(fields: Readonly<Record<string, Field>>): Record<string, Field> {
  const line: Record<string, Field> = {};
  for (const [name, value] of Object.entries(fields))
    if (value === '' || (typeof value === 'object' && value.length === 0)) line[name] = undefined;
    else if (typeof value === 'string') line[name] = printableText(value);
    else if (typeof value === 'object') line[name] = printableText(value.join(' ')).split(' ');
    else line[name] = value;
  return line;
}

/** Pino escapes what JSON must escape; DEL, C1 controls and what turns the direction of writing are left for us. */
function printableText(text: string): string {
  const short = text.length > maxField ? `${text.slice(0, maxField)}…` : text;
  if (/^[ -~]*$/.test(short)) return short;
  return short.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
