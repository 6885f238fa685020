import { createCheck, type Observer } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Policy } from '../core/judgement.ts';
import type { Soon } from '../lib/soon.ts';

/** Decides about evidence at a fixed time. */
export type Judge = (evidence: Evidence) => Soon<Decision>;

const silent: Observer = { started: () => undefined, decided: () => undefined };

/**
 * The service's own check, without a door, a log and metrics. A command that asks "would this pass?" uses
 * this and nothing else, so it can never differ from the service.
 * @param now milliseconds since the epoch; time stands still
 * @param timeout milliseconds that an issuer gets to answer
 */
export function createJudge(policy: Policy, now: number, timeout = 5_000): Judge {
  const check = createCheck({
    policy: () => policy,
    observer: silent,
    clock: () => now,
    stopwatch: () => 0,
    newId: () => '',
    limits: () => ({ checkTimeout: timeout }),
  });
  return (evidence) => check(evidence, 'grpc', Number.POSITIVE_INFINITY);
}
