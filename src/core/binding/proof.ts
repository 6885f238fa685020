import type { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import type { PresentedToken } from '../token/credential.ts';
import type { TokenKind, VerifiedToken } from '../token/verified-token.ts';
import type { WorkloadSender } from '../token/workload-sender.ts';
import type { SingleUse } from '../used/used-proofs.ts';
import type { Confirmation, ConfirmationMember } from './confirmation.ts';
import type { ProofSettings } from './settings.ts';

/**
 * One way to prove that a token belongs to its sender. Each proof is one file, and one row in `bind.ts`. A rule
 * lists the accepted ones by the name of their row.
 */
export interface Proof {
  /** The members of `cnf` (RFC 7800 §3.1) that it may be used for. A token with another one needs another proof. */
  readonly confirmations: readonly ConfirmationMember[];
  /** The kinds of tokens that can carry it. `validate` refuses a rule that accepts none of them. */
  readonly kinds: readonly TokenKind[];
  /** Whether it compares the token with the peer of the mTLS connection. */
  readonly needsPeer: boolean;
  /** It never returns a `SingleUse`. Absent: its use must be remembered, so several replicas need a store. */
  readonly holdsAlways?: true;
  readonly prove: Prove;
  readonly described: ProofDescription;
}

/** The row of a proof in `docs/proofs.md`. Each text continues the heading of its column. */
export interface ProofDescription {
  readonly reads: string;
  readonly verifies: string;
  readonly bindsTo: string;
  readonly doesNotProtectFrom: string;
}

/**
 * Returns undefined if the proof holds, or what must not be used a second time if the proof holds only once,
 * or why it does not hold. Runs at every check, so it must not keep anything of a check that was refused.
 */
export type Prove = (claimant: Claimant) => Denial | SingleUse | undefined;

/** What a proof may look at. */
export interface Claimant {
  readonly token: VerifiedToken;
  readonly confirmation: Confirmation | undefined;
  readonly peer: VerifiedPeer | undefined;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
  readonly request: PresentedRequest;
  /** The token as it was sent, and where. */
  readonly presented: PresentedToken;
  /** The workload identity token beside it. Undefined if the rule needs none. */
  readonly sender?: WorkloadSender | Denial | undefined;
  readonly settings: ProofSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The workloads that may use tokens issued to an OAuth client. */
export interface RegisteredClient {
  readonly workloads: readonly SpiffePattern[];
  /** Names of the issuers at which this client is registered. Undefined: all. */
  readonly issuers?: readonly string[] | undefined;
}
