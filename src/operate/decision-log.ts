import type { DestinationStream } from 'pino';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import { decisionFacts } from '../core/identity/metadata.ts';
import { createLineLog, cut } from './log-line.ts';
import { traceIdOf } from './trace-id.ts';

/** Writes one JSON line per check. */
export function createDecisionLog(destination: DestinationStream) {
  const log = createLineLog(destination);
  return (...about: Parameters<typeof decisionLine>): void => log.info(decisionLine(...about));
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

/** Every field there is; `docs/reference/log.md` explains each. */
export type DecisionLine = ReturnType<typeof decisionLine>;

/**
 * The fields of one line, and no others: never a token, a signature, a header, a query string. What a caller wrote is cut
 * to 512 characters; JSON escapes what could break the line or the terminal.
 */
function decisionLine(decision: Decision, evidence: Evidence, door: Door, microseconds: number, now: number) {
  const { request } = evidence;
  const { token, peer, path } = decision.found;
  const facts = decisionFacts(decision);
  return {
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
  };
}

function withoutQuery(path: string | undefined): string | undefined {
  // The log shows less than this, so a longer path need not be searched.
  return path?.slice(0, 1_024).split(/[?#]/, 1)[0];
}
