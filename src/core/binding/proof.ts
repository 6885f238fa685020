import type { Denial } from '../denial.ts';
import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import type { VerifiedToken } from '../token/verified-token.ts';

/** The workloads of an OAuth client: who may use a token that was issued to it. */
export interface RegisteredClient {
  readonly workloads: readonly SpiffePattern[];
  /** Names of the issuers at which this client is registered; undefined: any that is configured. */
  readonly issuers?: readonly string[] | undefined;
}

/** What a proof may look at. */
export interface Claimant {
  readonly token: VerifiedToken;
  readonly confirmation: { readonly thumbprint: string } | undefined;
  readonly peer: VerifiedPeer | undefined;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
}

/** One proof that the sender is the one the token belongs to: undefined where it holds, else why it does not. */
export type Prove = (claimant: Claimant) => Denial | undefined;
