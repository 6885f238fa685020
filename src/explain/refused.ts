import type { Decision } from '../core/decision.ts';
import type { RefusalReason } from '../core/reasons.ts';

/** Why a request was refused, or would have been if its rule were enforced. */
export interface Refused {
  readonly reason: RefusalReason;
  readonly detail: string | undefined;
  /** It passed, because it is only observed. */
  readonly isObserved: boolean;
}

/** Undefined if the request is allowed for good, or if its answer came from here. */
export function refusedIn(decision: Decision): Refused | undefined {
  if (decision.effect === 'deny' || decision.effect === 'unavailable')
    return { reason: decision.reason, detail: decision.detail, isObserved: false };
  return decision.reason === 'observed' ? { ...decision.wouldDeny, isObserved: true } : undefined;
}
