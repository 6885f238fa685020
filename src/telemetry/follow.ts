import type { Door, Follow } from '../core/check.ts';
import type { CheckStep } from '../core/check-steps.ts';
import type { Decision } from '../core/decision.ts';
import { type ParentSpan, readParent } from './parent.ts';
import type { Choice } from './sampling.ts';

/** A check that was followed to its decision. Times are milliseconds of `performance.now()`. */
export interface FollowedCheck {
  readonly parent: ParentSpan | undefined;
  readonly door: Door;
  readonly began: number;
  readonly steps: readonly { readonly step: CheckStep; readonly at: number }[];
  readonly ended: number;
  readonly decision: Decision;
}

export interface FollowOptions {
  readonly choose: (parent: ParentSpan | undefined) => Choice;
  /** Counts a check that was chosen, and is not followed. */
  readonly onTooMany: () => void;
  readonly now: () => number;
  /** Must not throw. */
  readonly onEnd: (check: FollowedCheck) => void;
}

/**
 * Makes the function that the core asks at each check. The parent is the span that the proxy names in its own
 * call. A proxy without tracing names none. The parent is then that of the request, which its client chooses.
 */
export function createFollow({ choose, onTooMany, now, onEnd }: FollowOptions): Follow {
  return ({ request }, door, call) => {
    const headers = call?.traceparent === undefined ? request?.headers : call;
    const parent = headers && readParent(headers);
    const choice = choose(parent);
    if (choice === 'leave') return undefined;
    if (choice === 'too_many') {
      onTooMany();
      return undefined;
    }
    const began = now();
    const steps: { step: CheckStep; at: number }[] = [];
    return {
      done: (step) => steps.push({ step, at: now() }),
      decided: (decision) => onEnd({ parent, door, began, steps, ended: now(), decision }),
    };
  };
}
