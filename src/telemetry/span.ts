import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { ownCopy } from '../lib/own-copy.ts';
import type { DecisionField } from '../operate/decision-field.ts';
import type { FollowedCheck } from './follow.ts';
import type { ParentSpan } from './parent.ts';

/** What a configuration says about its spans. */
export interface SpanFacts {
  /** The version of the configuration. */
  readonly version: string;
  /** Fields of the log that are left out. A span leaves them out too. */
  readonly omit: readonly DecisionField[];
  /** Whether allows of public rules are shown. */
  readonly public: boolean;
}

type Value = string | boolean | undefined;

/** The attributes of a span. Each has the name of a field of the log, behind `peerproof.`. */
const attributes: readonly (readonly [DecisionField, (check: FollowedCheck, facts: SpanFacts) => Value])[] = [
  ['decision_id', ({ decision }) => ownCopy(decision.id)],
  ['effect', ({ decision }) => decision.effect],
  ['reason', ({ decision }) => decision.reason],
  ['rule', ({ decision }) => decision.found.rule?.name],
  ['issuer', ({ decision }) => decision.found.token?.iss],
  ['bound_by', ({ decision }) => decision.found.boundBy],
  ['would_deny', ({ decision }) => ('wouldDeny' in decision ? decision.wouldDeny.reason : undefined)],
  ['peer_from', ({ decision }) => decision.found.peer?.source],
  ['token_kind', ({ decision }) => decision.found.token?.kind],
  ['cache_hit', ({ decision }) => decision.found.token?.cached],
  ['door', ({ door }) => door],
  ['config_version', (_, { version }) => version],
];

/**
 * Makes the function that turns a followed check into a span. A span says less than a line of the log: what a
 * caller wrote is not in it. Only outages and bugs are errors. A denial is what the service is for. A span can
 * wait for long, so it holds copies of what are slices of longer texts: the ID, and the IDs of its parent.
 * @param offset turns the times of a check into milliseconds since the epoch
 */
export function createSpanWriter(
  tracer: Tracer,
  facts: SpanFacts,
  offset: () => number,
): (check: FollowedCheck) => void {
  const shown = attributes
    .filter(([field]) => !facts.omit.includes(field))
    .map(([field, read]) => ({ name: `peerproof.${field}`, read }));
  return (check) => {
    const { parent, began, steps, ended, decision } = check;
    const epoch = offset();
    const options = { kind: SpanKind.SERVER, startTime: began + epoch };
    const span = tracer.startSpan('peerproof.check', options, parent ? contextOf(parent) : ROOT_CONTEXT);
    for (const { name, read } of shown) {
      const value = read(check, facts);
      if (value !== undefined) span.setAttribute(name, value);
    }
    for (const { step, at } of steps) span.addEvent(step, at + epoch);
    if (decision.effect === 'unavailable')
      span.setStatus({ code: SpanStatusCode.ERROR, message: decision.reason });
    span.end(ended + epoch);
  };
}

function contextOf({ traceId, spanId, state }: ParentSpan): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...{ traceId: ownCopy(traceId), spanId: ownCopy(spanId), isRemote: true, traceFlags: TraceFlags.SAMPLED },
    ...(state !== undefined && { traceState: createTraceState(ownCopy(state)) }),
  });
}
