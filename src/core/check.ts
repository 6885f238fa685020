import { type Soon, whenHere } from '../lib/soon.ts';
import { type Authorization, authorize, type Policy } from './authorize.ts';
import type { Decision } from './decision.ts';
import { DependencyError } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import { identityOf } from './identity/known-identity.ts';
import type { AllowReason } from './reasons.ts';

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
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds of a clock that never steps, for durations. */
  readonly stopwatch: () => number;
  readonly newId: () => string;
  readonly limits: () => CheckLimits;
}

export interface CheckLimits {
  /** The longest a check may take, in milliseconds, even if its caller would wait longer. */
  readonly checkTimeout: number;
}

/**
 * Decides one check. `callerDeadline` is in milliseconds since the epoch. Returns a promise only if an issuer
 * must be asked. Never throws and never rejects, unless the observer does.
 */
export type Check = (evidence: Evidence, door: Door, callerDeadline: number) => Soon<Decision>;

/**
 * Makes the function that each door calls: `authorize`, with the clock, the deadline and the observer that
 * the pipeline itself must not have. Every failure becomes an answer that keeps the request out: 503 for an
 * outage, 500 for a bug.
 */
export function createCheck({ policy, observer, clock, stopwatch, newId, limits }: CheckOptions): Check {
  return (evidence, door, callerDeadline) => {
    const began = stopwatch();
    observer.started();
    const now = clock();
    // A tenth of the caller's time is kept for the way back. An answer that arrives after the caller's
    // deadline is lost, and a proxy with failure_mode_allow would let the request in.
    const { checkTimeout } = limits();
    const deadline = Math.min(now + checkTimeout, now + (callerDeadline - now) * 0.9);
    const outcome = judge(evidence, policy, { now, deadline }, clock);
    return whenHere(outcome, decided);

    function decided(outcome: Outcome): Decision {
      const decision: Decision = { id: newId(), ...outcome };
      observer.decided(decision, evidence, door, Math.round((stopwatch() - began) * 1000));
      return decision;
    }
  };
}

type Outcome = Decision extends infer Each ? (Each extends Decision ? Omit<Each, 'id'> : never) : never;

/** Never throws and never rejects. */
function judge(
  evidence: Evidence,
  running: () => Policy,
  moment: Moment,
  clock: () => number,
): Soon<Outcome> {
  try {
    const policy = running();
    if (moment.now >= moment.deadline) throw tooLate('the check');
    return whenHere(authorize(evidence, policy, moment), (authorization) =>
      conclude(authorization, evidence, policy, clock() > moment.deadline),
    );
  } catch (error) {
    return failed(error, {});
  }
}

/** @param isLate tested after the last await: an answer that is too late must not be an allow */
function conclude(
  { found, denial, failure }: Authorization,
  { request }: Evidence,
  policy: Policy,
  isLate: boolean,
): Outcome {
  if (failure) return failed(failure.error, found);
  if (isLate) return failed(tooLate('the answer'), found);
  if (denial) {
    const { reason, detail, scope } = denial;
    return { found, effect: 'deny', reason, detail, scope };
  }
  try {
    const identity = identityOf(found, request?.headers ?? {}, policy);
    return { found, effect: 'allow', reason: reasonOf(found), identity };
  } catch (error) {
    return failed(error, found);
  }
}

function reasonOf({ rule, token }: Findings): AllowReason {
  if (rule?.public) return 'public';
  return rule?.tokenIsOptional && !token ? 'anonymous' : 'allowed';
}

function tooLate(what: string): DependencyError {
  return new DependencyError('deadline_exceeded', `${what} came too late`, 1);
}

/** The answer to an error in a door's own code, outside of a check. */
export function failure(error: unknown): Decision {
  return { id: '', ...unexpected(error, {}) };
}

function failed(error: unknown, found: Findings): Outcome {
  if (!(error instanceof DependencyError)) return unexpected(error, found);
  const { reason, message: detail, retryAfter } = error;
  return { found, effect: 'unavailable', reason, detail, retryAfter };
}

function unexpected(error: unknown, found: Findings): Extract<Outcome, { effect: 'unavailable' | 'deny' }> {
  return { found, effect: 'unavailable', reason: 'internal_error', detail: describe(error) };
}

/** Any value can be thrown, even one that cannot be converted to a string. */
function describe(error: unknown): string {
  try {
    return String(error instanceof Error ? error.stack : error);
  } catch {
    return 'the value that was thrown cannot be converted to a string';
  }
}
