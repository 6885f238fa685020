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
    { write: (line) => destination.write(harmless(line)) },
  );
  return (decision: Decision, evidence: Evidence, door: Door, microseconds: number, now: number): void => {
    const { request } = evidence;
    const { token, peer, path } = decision.found;
    const facts = factsOf(decision);
    log.info({
      ...facts,
      subject: cut(facts.subject),
      client_id: cut(facts.client_id),
      scopes: facts.scopes?.length ? cut(facts.scopes.join(' '))?.split(' ') : undefined,
      detail: decision.effect === 'allow' ? undefined : cut(decision.detail),
      door,
      method: cut(request?.method),
      host: cut(request?.host),
      path: cut(path ?? withoutQuery(request?.path)),
      destination: cut(evidence.destination.principal),
      peer_from: peer?.source,
      via: peer?.via?.uri,
      token_kind: token?.kind,
      service_account:
        token?.serviceAccount && cut(`${token.serviceAccount.namespace}/${token.serviceAccount.name}`),
      pod: cut(token?.serviceAccount?.pod),
      alg: token?.algorithm,
      kid: token?.kid,
      key_age_s: token?.keyFetchedAt && Math.round((now - token.keyFetchedAt) / 1000),
      cache_hit: token?.cached,
      duration_us: microseconds,
      trace_id: request && traceIdOf(request.headers),
      request_id: cut(request?.headers['x-request-id']),
    });
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

function withoutQuery(path: string | undefined): string | undefined {
  return path?.split(/[?#]/, 1)[0];
}

/** Short, or absent where it is empty. */
function cut(text: string | undefined): string | undefined {
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
