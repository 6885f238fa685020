import type { Findings } from './findings.ts';
import type { Identity, IdentityFacts } from './identity/identity.ts';
import type { AllowReason, RefusalReason } from './reasons.ts';

/** How a check ended. `unavailable` marks an outage or a bug; it never looks like a denial. */
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
      readonly effect: 'deny' | 'unavailable';
      readonly reason: RefusalReason;
      readonly detail: string | undefined;
      readonly scope?: string | undefined;
      readonly retryAfter?: number | undefined;
    }
);

/** Why a request would have been refused that passed because it is only observed. */
export interface WouldDeny {
  readonly reason: RefusalReason;
  readonly detail: string | undefined;
}

/** An outcome that keeps the request out. */
export type RefusedOutcome = Exclude<CheckOutcome, { effect: 'allow' }>;

/** The result of one check. */
export type Decision = CheckOutcome & { readonly id: string };
