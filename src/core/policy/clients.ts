import type { RegisteredClient } from '../binding/proof.ts';
import { Denial } from '../denial.ts';
import { matchesSpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';

/** The client that a token request names must be registered for the workload that sends the request. */
export function checkClient(
  clientId: string,
  issuer: string,
  peer: VerifiedPeer | undefined,
  clients: ReadonlyMap<string, RegisteredClient>,
): Denial | undefined {
  const client = clients.get(clientId);
  const id = peer?.spiffeId;
  if (!client || !(client.issuers?.includes(issuer) ?? true))
    return refused(`client ${JSON.stringify(clientId.slice(0, 100))} is not registered`);
  if (id && client.workloads.some((pattern) => matchesSpiffePattern(pattern, id))) return undefined;
  return refused(`the client is not registered for ${id?.uri ?? 'a peer without a SPIFFE ID'}`);
}

function refused(why: string): Denial {
  return new Denial('client_not_registered', why);
}
