import type { BindingName } from './binding/bind.ts';
import type { Transaction } from './internal-token/transaction.ts';
import type { VerifiedPeer } from './peer/verify-peer.ts';
import type { Rule } from './policy/rule.ts';
import type { ProtectedResource } from './resource/resource.ts';
import type { PresentedToken } from './token/credential.ts';
import type { Person } from './token/person.ts';
import type { VerifiedToken } from './token/verified-token.ts';

/** What a check had proven when it ended, for the answer, the log and the metrics. */
export interface Findings {
  readonly rule?: Rule | undefined;
  /** The normalized path that rules are matched against. */
  readonly path?: string | undefined;
  readonly peer?: VerifiedPeer | undefined;
  /** Its signature was valid. The token may still have been refused for another reason. */
  readonly token?: VerifiedToken | undefined;
  /** The client of a token request that has no token: its peer proved it. */
  readonly client?: string | undefined;
  /** The scheme of the token that was sent, verified or not. Undefined: another one than DPoP, or no token. */
  readonly scheme?: PresentedToken['scheme'] | undefined;
  readonly person?: Person | undefined;
  readonly boundBy?: BindingName | undefined;
  /** What the request belongs to. Only looked for when it is refused. */
  readonly resource?: ProtectedResource | undefined;
  /** A Transaction Token of ours that came with the request. It says nothing about who sent it. */
  readonly transaction?: Transaction | undefined;
  /** The workload identity token of the sender, if the proof `wit` holds for the token beside it. */
  readonly sender?: VerifiedToken | undefined;
}
