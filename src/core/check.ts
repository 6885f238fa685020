import { authorize, type Policy } from './authorize.ts';
import type { Decision } from './decision.ts';
import { DependencyError } from './denial.ts';
import type { Evidence } from './evidence.ts';
import type { Findings } from './findings.ts';
import { identityHeaders } from './identity/identity.ts';

/** The door that a check came through. */
export type Door = 'grpc' | 'http' | 'forward-auth';

/** Told of every decision, after the answer was handed over. */
export interface Observer {
  started(): void;
  decided(decision: Decision, evidence: Evidence, door: Door, microseconds: number): void;
}

export interface DecideOptions {
  /** The configuration in force, asked for at each check. */
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
  /** The longest a check may take, in milliseconds, whatever its caller would wait. */
  readonly checkTimeout: number;
}

export type Decide = (evidence: Evidence, door: Door, callerDeadline: number) => Promise<Decision>;

/**
 * What each door calls: `authorize` with what it must not have itself, a clock, a deadline and somebody who is told.
 * Every failure becomes an answer that keeps the request out: an outage 503, a bug 500, too late 503.
 */
export function createDecide({ policy, observer, clock, stopwatch, newId, limits }: DecideOptions): Decide {
  return async (evidence, door, callerDeadline) => {
    const began = stopwatch();
    observer.started();
    const now = clock();
    // A tenth of the caller's time is kept for the way back: an answer after its deadline is no answer, and on a proxy
    // with failure_mode_allow it would let the request in.
    const { checkTimeout } = limits();
    const deadline = Math.min(now + checkTimeout, now + (callerDeadline - now) * 0.9);
    const found: Findings = {};
    const came = await outcome(evidence, policy, { now, deadline }, found, clock);
    const decision: Decision = { id: newId(), found, ...came };
    observer.decided(decision, evidence, door, Math.round((stopwatch() - began) * 1000));
    return decision;
  };
}

type Outcome = Decision extends infer Each
  ? Each extends Decision
    ? Omit<Each, 'id' | 'found'>
    : never
  : never;

async function outcome(
  evidence: Evidence,
  running: () => Policy,
  moment: { readonly now: number; readonly deadline: number },
  found: Findings,
  clock: () => number,
): Promise<Outcome> {
  try {
    const policy = running();
    if (moment.now >= moment.deadline) throw new DependencyError('deadline_exceeded', 'it came too late', 1);
    const denial = await authorize(evidence, policy, moment, found);
    // Tested again after the last await: what comes too late is no permission.
    if (clock() > moment.deadline)
      return {
        effect: 'unavailable',
        reason: 'deadline_exceeded',
        detail: 'the answer came too late',
        retryAfter: 1,
      };
    if (denial) return { effect: 'deny', reason: denial.reason, detail: denial.detail, scope: denial.scope };
    return {
      effect: 'allow',
      reason: found.rule?.public ? 'public' : 'allowed',
      identity: identityHeaders(found, evidence.request?.headers ?? {}, policy.identity),
    };
  } catch (error) {
    if (error instanceof DependencyError)
      return {
        effect: 'unavailable',
        reason: error.reason,
        detail: error.message,
        retryAfter: error.retryAfter,
      };
    return bug(error);
  }
}

/** The answer to what went wrong outside of `decide`, in a door's own code. */
export function failure(error: unknown): Decision {
  return { id: '', found: {}, ...bug(error) };
}

function bug(error: unknown): Extract<Outcome, { effect: 'unavailable' | 'deny' }> {
  return { effect: 'unavailable', reason: 'internal_error', detail: textOf(error) };
}

/** Anything at all can be thrown, also what has no text. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.stack : error);
  } catch {
    return 'something was thrown that cannot be written';
  }
}
