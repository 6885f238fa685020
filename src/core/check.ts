import { within } from '../lib/deadline.ts';
import { type Soon, whenHere } from '../lib/soon.ts';
import { authorize } from './authorize.ts';
import type { CheckSteps } from './check-steps.ts';
import type { CheckOutcome, Decision } from './decision.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Authorization, Policy } from './judgement.ts';
import { observe } from './observe.ts';
import { conclude, failed, tooLate } from './outcome.ts';
import { findServed } from './resource/find-resource.ts';
import type { Resources } from './resource/resource.ts';

/** The door that a check came through. */
export type Door = 'grpc' | 'http' | 'forward-auth';

/** Is told of every decision. */
export interface Observer {
  started(): void;
  decided(decision: Decision, evidence: Evidence, door: Door, microseconds: number): void;
}

export interface CheckOptions {
  /** Returns the configuration in force. Called for each check. */
  readonly policy: () => Policy;
  readonly observer: Observer;
  /** Chooses the checks that are followed. Undefined: none. */
  readonly follow?: Follow | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds of a clock that never steps, for durations. */
  readonly stopwatch: () => number;
  readonly newId: () => string;
  readonly limits: () => CheckLimits;
}

/** Follows one check to its decision. Must not throw. */
export interface CheckTrace extends CheckSteps {
  decided(decision: Decision): void;
}

/** Headers of the call that asks for a check. They come from the proxy, and not from its client. */
export type CallHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Returns what follows a check; undefined if this one is not followed. Called for each check. Must not throw. */
export type Follow = (
  evidence: Evidence,
  door: Door,
  call: CallHeaders | undefined,
) => CheckTrace | undefined;

export interface CheckLimits {
  /** The longest a check may take, in milliseconds, even if its caller would wait longer. */
  readonly checkTimeout: number;
}

/**
 * Decides one check. `callerDeadline` is in milliseconds since the epoch. `call` is only for traces. Returns a
 * promise only if an issuer or the store of used proofs must be asked. Never throws and never rejects, unless
 * the observer does.
 */
export type Check = (
  evidence: Evidence,
  door: Door,
  callerDeadline: number,
  call?: CallHeaders,
) => Soon<Decision>;

/**
 * Makes the function that each door calls: `authorize`, with the clock, the deadline and the observer that
 * the pipeline itself must not have. A refusal that is only observed becomes an allow beside it (`observe`).
 */
export function createCheck(options: CheckOptions): Check {
  const { policy, observer, follow, clock, stopwatch, newId, limits } = options;
  return (evidence, door, callerDeadline, call) => {
    const began = stopwatch();
    observer.started();
    const trace = follow?.(evidence, door, call);
    const now = clock();
    // A tenth of the caller's time is kept for the way back. An answer that arrives after the caller's
    // deadline is lost, and a proxy with failure_mode_allow would let the request in.
    const { checkTimeout } = limits();
    const patience = callerDeadline - now;
    const deadline = Math.min(now + checkTimeout, now + patience * 0.9);
    const id = newId();
    const outcome = judge(evidence, door, policy, { id, now, deadline, steps: trace }, clock);
    if (!(outcome instanceof Promise)) return decided(outcome);
    const rest = deadline - clock() + Math.min(lastWait, patience * 0.05);
    return endsBy(outcome, rest).then(decided);

    function decided(outcome: CheckOutcome): Decision {
      const decision: Decision = { id, ...outcome };
      const microseconds = Math.round((stopwatch() - began) * 1000);
      trace?.decided(decision);
      observer.decided(decision, evidence, door, microseconds);
      return decision;
    }
  };
}

/** Milliseconds beyond the deadline in which a wait can still end by itself, because it says what it waited for. */
const lastWait = 50;

/** An answer in time, also if a wait does not keep to the deadline. Never rejects. */
function endsBy(outcome: Promise<CheckOutcome>, milliseconds: number): Promise<CheckOutcome> {
  return within(outcome, milliseconds, () => tooLate('the check')).catch((error) => failed(error, {}));
}

/** Never throws and never rejects. */
function judge(
  evidence: Evidence,
  door: Door,
  running: () => Policy,
  moment: Moment,
  clock: () => number,
): Soon<CheckOutcome> {
  try {
    const policy = running();
    const isOver = moment.now >= moment.deadline;
    const served = policy.resources && !isOver && serveDocument(evidence, door, policy.resources);
    if (served) return served;
    return whenHere(isOver ? overAtStart() : authorize(evidence, policy, moment), (authorization) => {
      const outcome = conclude(authorization, evidence, policy, moment, clock() > moment.deadline);
      if (outcome.effect === 'deny' || outcome.effect === 'unavailable')
        return observe(outcome, evidence, policy, moment, clock);
      moment.steps?.done('identity_made');
      return outcome;
    });
  } catch (error) {
    return failed(error, {});
  }
}

/**
 * The document that the request asks for. Only Envoy's gRPC protocol has an answer with status 200 that is not an
 * allow. At any other door the rules decide about the request, as about any other.
 */
function serveDocument(
  { request, flaw, outage }: Evidence,
  door: Door,
  resources: Resources,
): CheckOutcome | undefined {
  const resource = door === 'grpc' && request && !flaw && !outage && findServed(resources, request);
  return resource
    ? { found: {}, effect: 'answer', reason: 'metadata_served', answer: resource.answer }
    : undefined;
}

function overAtStart(): Authorization {
  return { found: {}, failure: { error: tooLate('the check') } };
}
