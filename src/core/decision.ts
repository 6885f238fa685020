import type { Findings } from './findings.ts';
import type { Identity } from './identity/identity.ts';
import type { AllowReason, RefusalReason } from './reasons.ts';

/** The result of one check. `unavailable` marks an outage or a bug; it never looks like a denial. */
export type Decision = { readonly id: string; readonly found: Readonly<Findings> } & (
  | { readonly effect: 'allow'; readonly reason: AllowReason; readonly identity: Identity }
  | {
      readonly effect: 'deny' | 'unavailable';
      readonly reason: RefusalReason;
      readonly detail: string | undefined;
      readonly scope?: string | undefined;
      readonly retryAfter?: number | undefined;
    }
);
