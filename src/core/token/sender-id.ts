import type { Findings } from '../findings.ts';

/**
 * The SPIFFE ID of the workload that sent a request: the subject of its workload identity token, else that of the peer. The
 * sender of such a token has proven to be its subject, and the peer may be a gateway in front of it.
 */
export function senderId({
  token,
  sender = token,
  peer,
}: Pick<Findings, 'token' | 'sender' | 'peer'>): string | undefined {
  const workload = sender?.kind === 'workload-identity-token' ? sender.subject : undefined;
  return workload ?? peer?.spiffeId?.uri;
}
