import { Denial } from '../denial.ts';
import { kubernetesWorkload, matchesSpiffePattern, type SpiffeId } from '../peer/spiffe-id.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import type { Proof, Prove } from './proof.ts';

/**
 * The token belongs to the workload that sends it: its SPIFFE subject is the peer, or its ServiceAccount is
 * the peer's (`spiffe://<trust domain of the cluster>/ns/<namespace>/sa/<name>`), or its client is registered
 * for the peer. Unlike a thumbprint this survives certificate rotation. If the token names an actor as a
 * SPIFFE ID (`act.sub`, RFC 8693 §4.1), only the actor may send it: the subject is the one it acts for.
 */
const prove: Prove = ({ token, peer, clients }) => {
  const actor = spiffeIdIn((token.claims.act as { sub?: unknown } | null | undefined)?.sub);
  const owner = actor ?? spiffeIdIn(token.subject);
  const client =
    token.clientId === undefined || actor !== undefined ? undefined : clients.get(token.clientId);
  const registered = client && (client.issuers?.includes(token.issuer) ?? true) ? client : undefined;
  const { serviceAccount } = token;
  if (owner === undefined && registered === undefined && serviceAccount === undefined)
    return new Denial(
      'binding_missing',
      `workload: no SPIFFE subject, no ServiceAccount, and client ${JSON.stringify(token.clientId ?? null)} is not registered`,
    );
  if (!peer?.spiffeId) return new Denial('binding_peer_missing', 'workload: no peer with a SPIFFE ID');
  const { spiffeId } = peer;
  if (owner === spiffeId.uri || isServiceAccount(spiffeId, token)) return undefined;
  if (registered?.workloads.some((pattern) => matchesSpiffePattern(pattern, spiffeId))) return undefined;
  return new Denial(
    'binding_workload_mismatch',
    `workload: the token belongs to ${owner ?? formatAccount(token) ?? `client ${JSON.stringify(token.clientId)}`}, the peer is ${spiffeId.uri}`,
  );
};

/** The trust domain must be the cluster's: the same names in another cluster are another workload. */
function isServiceAccount(id: SpiffeId, { serviceAccount, trustDomain }: VerifiedToken): boolean {
  const workload = kubernetesWorkload(id);
  return (
    workload !== undefined &&
    serviceAccount !== undefined &&
    id.trustDomain === trustDomain &&
    workload.namespace === serviceAccount.namespace &&
    workload.serviceAccount === serviceAccount.name
  );
}

function formatAccount({ serviceAccount, trustDomain }: VerifiedToken): string | undefined {
  return (
    serviceAccount &&
    `${serviceAccount.namespace}/${serviceAccount.name} of ${trustDomain ?? 'no trust domain'}`
  );
}

function spiffeIdIn(sub: unknown): string | undefined {
  return typeof sub === 'string' && sub.startsWith('spiffe://') ? sub : undefined;
}

export const workload: Proof = {
  confirmations: ['x5t#S256'],
  kinds: ['access-token', 'opaque-token', 'service-account', 'jwt-svid'],
  needsPeer: true,
  holdsAlways: true,
  prove,
  described: {
    reads: 'the SPIFFE ID of the mTLS peer, and subject, actor, ServiceAccount or client of the token',
    verifies: 'that the token was issued to the workload that sends it',
    bindsTo: 'one workload, with any of its certificates',
    doesNotProtectFrom: 'a token that one replica of a workload took from another one',
  },
};
