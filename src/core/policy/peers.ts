import { Denial } from '../denial.ts';
import { matchesSpiffePattern, type SpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';

/** The peer's SPIFFE ID must match one of the rule's patterns, where it has any. */
export function checkPeers(
  required: readonly SpiffePattern[],
  peer: VerifiedPeer | undefined,
): Denial | undefined {
  if (required.length === 0) return undefined;
  const id = peer?.spiffeId;
  if (!id) return new Denial('peer_missing', 'the rule names peers and none with a SPIFFE ID is there');
  if (required.some((pattern) => matchesSpiffePattern(pattern, id))) return undefined;
  return new Denial('peer_not_allowed', `the peer is ${id.uri}`);
}
