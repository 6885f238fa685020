import type { Hint } from './denial.ts';
import type { Findings } from './findings.ts';
import type { Identity, IdentityFacts } from './identity/identity.ts';
import type { AllowReason, AnswerReason, RefusalReason } from './reasons.ts';
import type { DirectAnswer } from './resource/resource.ts';

/**
 * How a check ended. Only an allow lets the request through to the application. `unavailable` marks an outage
 * or a bug; it never looks like a denial. With `answer` the client gets what it asked for, and gets it from here.
 */
export type CheckOutcome = { readonly found: Readonly<Findings> } & (
  | {
      readonly effect: 'allow';
      readonly reason: Exclude<AllowReason, 'observed'>;
      readonly identity: Identity;
    }
  | {
      readonly effect: 'allow';
      readonly reason: 'observed';
      readonly identity: Identity;
      /** What the identity was made from. `found` can hold a token that is not proven to be the sender's. */
      readonly proven: IdentityFacts;
      readonly wouldDeny: WouldDeny;
    }
  | {
      readonly effect: 'answer';
      readonly reason: AnswerReason;
      readonly answer: DirectAnswer;
    }
  | {
      readonly effect: 'deny' | 'unavailable';
      readonly reason: RefusalReason;
      readonly detail: string | undefined;
      readonly hint?: Hint | undefined;
      /** Seconds. */
      readonly retryAfter?: number | undefined;
    }
);

/** Why a request would have been refused that passed because it is only observed. */
export interface WouldDeny {
  readonly reason: RefusalReason;
  readonly detail: string | undefined;
}

/** An outcome that refuses the request. */
export type RefusedOutcome = Extract<CheckOutcome, { effect: 'deny' | 'unavailable' }>;

/** The result of one check. */
export type Decision = CheckOutcome & { readonly id: string };

/** A decision that refuses the request. */
export type Refusing = RefusedOutcome & { readonly id: string };
