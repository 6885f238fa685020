import type { Evidence } from '../core/evidence.ts';
import { cut } from '../operate/json-line.ts';
import type { LineDestination } from '../operate/log-destination.ts';
import { levelOf } from '../operate/log-level.ts';
import { createLineLog } from '../operate/log-line.ts';
import { readTraceId } from '../operate/trace-id.ts';
import type { Outcome } from './inject.ts';

/** Writes one JSON line per request. */
export function createInjectLog(destination: LineDestination) {
  const log = createLineLog(destination);
  return (...about: Parameters<typeof injectLine>): void => {
    const line = injectLine(...about);
    log[levelOf[line.effect]](line);
  };
}

/** Every field there is; `docs/reference/log.md` explains each. */
export type InjectLine = ReturnType<typeof injectLine>;

/** The fields of one line, and no others: never a token, a header, a path or a query. */
function injectLine(id: string, outcome: Outcome, { request }: Evidence, microseconds: number) {
  return {
    decision_id: id,
    effect: outcome.effect,
    reason: outcome.reason,
    rule: outcome.entry,
    detail: outcome.effect === 'allow' ? undefined : outcome.detail,
    door: 'grpc',
    method: cut(request?.method),
    host: cut(request?.host),
    duration_us: microseconds,
    trace_id: request && readTraceId(request.headers),
    request_id: cut(request?.headers['x-request-id']),
  };
}
