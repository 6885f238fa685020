import type { BindingName } from './binding/bind.ts';
import type { VerifiedPeer } from './peer/verify-peer.ts';
import type { Rule } from './policy/rule.ts';
import type { Person } from './token/person.ts';
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
