import type { BindingName } from './binding/bind.ts';
import type { Identity } from './identity/identity.ts';
import type { Person } from './identity/person.ts';
import type { VerifiedPeer } from './peer/verify-peer.ts';
import type { Rule } from './policy/rule.ts';
import type { RefusalReason } from './reasons.ts';
import type { VerifiedToken } from './token/verified-token.ts';

/** What the pipeline had proven by the time it ended, for the answer, the log and the metrics. */
export interface Findings {
  rule?: Rule;
  /** The path in the one form that rules are matched against. */
  path?: string;
  peer?: VerifiedPeer;
  /** A token whose signature held; it may still be one that was refused. */
  token?: VerifiedToken;
  /** Whom that token speaks of. */
  person?: Person;
  boundBy?: BindingName;
}

/** The outcome of one check. An outage (`unavailable`) and a denial never look alike. */
export type Decision = { readonly id: string; readonly found: Readonly<Findings> } & (
  | { readonly effect: 'allow'; readonly reason: 'allowed' | 'public'; readonly identity: Identity }
  | {
      readonly effect: 'deny' | 'unavailable';
      readonly reason: RefusalReason;
      readonly detail: string | undefined;
      readonly scope?: string | undefined;
      readonly retryAfter?: number | undefined;
    }
);
