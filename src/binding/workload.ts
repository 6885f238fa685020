import { Denial } from '../denial.ts';
import { matchesSpiffePattern } from '../peer/spiffe-id.ts';
import type { Prove } from './proof.ts';

/**
 * The token belongs to the workload that sends it: its SPIFFE subject is the peer, or its client is registered for the
 * peer. Survives certificate rotation and replicas, which a thumbprint does not. Where an actor is named as a SPIFFE ID
 * (`act.sub`, RFC 8693 §4.1) the actor is the sender and nobody else: the subject is only whom it acts for.
 */
export const proveWorkload: Prove = ({ token, peer, clients }) => {
  const actor = spiffeIdIn((token.claims.act as { sub?: unknown } | null | undefined)?.sub);
  const owner = actor ?? spiffeIdIn(token.subject);
  const client =
    token.clientId === undefined || actor !== undefined ? undefined : clients.get(token.clientId);
  const registered = client && (client.issuers?.includes(token.issuer) ?? true) ? client : undefined;
  if (owner === undefined && registered === undefined)
    return new Denial(
      'binding_missing',
      `workload: no SPIFFE subject, and client ${JSON.stringify(token.clientId ?? null)} is not registered`,
    );
  if (!peer?.spiffeId) return new Denial('binding_peer_missing', 'workload: no peer with a SPIFFE ID');
  const { spiffeId } = peer;
  if (owner === spiffeId.uri) return undefined;
  if (registered?.workloads.some((pattern) => matchesSpiffePattern(pattern, spiffeId))) return undefined;
  return new Denial(
    'binding_workload_mismatch',
    `workload: the token belongs to ${owner ?? `client ${JSON.stringify(token.clientId)}`}, the peer is ${spiffeId.uri}`,
  );
};

function spiffeIdIn(sub: unknown): string | undefined {
  return typeof sub === 'string' && sub.startsWith('spiffe://') ? sub : undefined;
}
