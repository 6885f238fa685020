import { quoted } from '../../lib/excerpt.ts';
import { Denial } from '../denial.ts';
import { kubernetesWorkload, matchesSpiffePattern, type SpiffeId } from '../peer/spiffe-id.ts';
import { type Actor, clientOfActor, readActors } from '../token/actors.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import type { Proof, Prove } from './proof.ts';

/**
 * The token belongs to the workload that sends it: its SPIFFE subject is the peer, or its ServiceAccount is
 * the peer's (`spiffe://<trust domain of the cluster>/ns/<namespace>/sa/<name>`), or its client is registered
 * for the peer. Unlike a thumbprint this survives certificate rotation. If the token names an actor (`act`,
 * RFC 8693 §4.1), only the current actor may send it: the subject is the one it acts for.
 */
const prove: Prove = ({ token, peer, clients }) => {
  const actors = readActors(token);
  if (actors instanceof Denial) return actors;
  const [actor] = actors;
  const owner = actor ? actor.spiffeId : spiffeIdIn(token.subject);
  const clientId = actor ? clientThatSends(actor, token) : token.clientId;
  const client = clientId === undefined ? undefined : clients.get(clientId);
  const registered = client && (client.issuers?.includes(token.issuer) ?? true) ? client : undefined;
  const isOfAccount = actor === undefined && token.serviceAccount !== undefined;
  if (owner === undefined && registered === undefined && !isOfAccount)
    return new Denial(
      'binding_missing',
      `workload: ${actor ? `the actor ${quoted(actor.name, 150)} is not a SPIFFE ID` : 'no SPIFFE subject, no ServiceAccount'}, and client ${JSON.stringify(clientId ?? null)} is not registered`,
    );
  if (!peer?.spiffeId) return new Denial('binding_peer_missing', 'workload: no peer with a SPIFFE ID');
  const { spiffeId } = peer;
  if (owner === spiffeId.uri || (isOfAccount && isServiceAccount(spiffeId, token))) return undefined;
  if (registered?.workloads.some((pattern) => matchesSpiffePattern(pattern, spiffeId))) return undefined;
  const account = isOfAccount ? formatAccount(token) : undefined;
  return new Denial(
    'binding_workload_mismatch',
    `workload: the token belongs to ${owner ?? account ?? `client ${JSON.stringify(clientId)}`}, the peer is ${spiffeId.uri}`,
  );
};

/**
 * An actor that is not a SPIFFE ID can be a person. It sends through the client that it names, else through
 * the one that the token was issued to (RFC 8693 §4.3).
 */
function clientThatSends(actor: Actor, token: VerifiedToken): string | undefined {
  if (actor.spiffeId) return undefined;
  const named = clientOfActor(actor, token);
  return actor.clientId === undefined ? (token.clientId ?? named) : named;
}

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

function spiffeIdIn(subject: string | undefined): string | undefined {
  return subject?.startsWith('spiffe://') ? subject : undefined;
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
