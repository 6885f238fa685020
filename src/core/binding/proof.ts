import type { Denial } from '../denial.ts';
import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import type { VerifiedToken } from '../token/verified-token.ts';

/** The workloads that may use tokens issued to an OAuth client. */
export interface RegisteredClient {
  readonly workloads: readonly SpiffePattern[];
  /** Names of the issuers at which this client is registered. Undefined: all. */
  readonly issuers?: readonly string[] | undefined;
}

/** What a proof may look at. */
export interface Claimant {
  readonly token: VerifiedToken;
  readonly confirmation: { readonly thumbprint: string } | undefined;
  readonly peer: VerifiedPeer | undefined;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
}

/** One proof that the token belongs to the sender. Undefined if it holds, otherwise the reason why not. */
export type Prove = (claimant: Claimant) => Denial | undefined;
