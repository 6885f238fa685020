import type { VerifiedPeer } from '../peer/verify-peer.ts';
import type { VerifiedToken } from './verified-token.ts';

interface Sent {
  readonly token?: VerifiedToken | undefined;
  readonly peer?: VerifiedPeer | undefined;
  /** The workload identity token of the sender, if it is not `token` itself. */
  readonly sender?: VerifiedToken | undefined;
}

/**
 * The SPIFFE ID of the workload that sent a request: the subject of its workload identity token, else that of the peer.
 * The sender of such a token has proven to be its subject, and the peer may be a gateway in front of it.
 */
export function senderId({ token, sender = token, peer }: Sent): string | undefined {
  const workload = sender?.kind === 'workload-identity-token' ? sender.subject : undefined;
  return workload ?? peer?.spiffeId?.uri;
}
