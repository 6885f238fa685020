import { Denial } from '../denial.ts';
import { matchesSpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import type { Prove } from './proof.ts';

/**
 * The token belongs to the workload that sends it: its SPIFFE subject is the peer, or its client is registered for the
 * peer. Survives certificate rotation and replicas, which a thumbprint does not. Where an actor is named as a SPIFFE ID
 * (`act.sub`, RFC 8693 §4.1) the actor is the sender, and the subject is only whom it acts for.
 */
export const proveWorkload: Prove = ({ token, peer, clients }) => {
  const subject = spiffeSubject(token);
  const client = token.clientId === undefined ? undefined : clients.get(token.clientId);
  const registered = client && (client.issuers?.includes(token.issuer) ?? true) ? client : undefined;
  if (subject === undefined && registered === undefined)
    return new Denial(
      'binding_missing',
      `workload: no SPIFFE subject, and client ${JSON.stringify(token.clientId ?? null)} is not registered`,
    );
  if (!peer?.spiffeId) return new Denial('binding_peer_missing', 'workload: no peer with a SPIFFE ID');
  const { spiffeId } = peer;
  if (subject === spiffeId.uri) return undefined;
  if (registered?.workloads.some((pattern) => matchesSpiffePattern(pattern, spiffeId))) return undefined;
  const owner = subject ?? `client ${JSON.stringify(token.clientId)}`;
  return new Denial(
    'binding_workload_mismatch',
    `workload: the token belongs to ${owner}, the peer is ${spiffeId.uri}`,
  );
};

function spiffeSubject(token: VerifiedToken): string | undefined {
  const actor = (token.claims.act as { sub?: unknown } | null | undefined)?.sub;
  return [actor, token.subject].find((sub) => typeof sub === 'string' && sub.startsWith('spiffe://')) as
    | string
    | undefined;
}
