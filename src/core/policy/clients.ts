import { excerpt, listed } from '../../lib/excerpt.ts';
import type { RegisteredClient } from '../binding/proof.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { matchesSpiffePattern, type SpiffeId } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { readCertificateClient } from '../token/client-certificate.ts';
import type { PresentedToken } from '../token/credential.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import { type Clients, clientsOf } from './clients-by-workload.ts';

/**
 * The client of a token request with an assertion. It must be registered for the workload that sends the
 * request. Undefined if the token is not an assertion. With `jwt-spiffe` the subject is compared too, because
 * the draft identifies the client by it: a rule may accept another proof than `workload`.
 */
export function clientOfAssertion(
  { assertion, clientId }: PresentedToken,
  { issuer, subject }: VerifiedToken,
  peer: VerifiedPeer | undefined,
  clients: Clients,
): string | undefined | Denial {
  if (assertion === undefined) return undefined;
  const id = peer?.spiffeId;
  if (assertion === 'jwt-bearer') return checkNamed(clientId ?? '', issuer, id, clients);
  if (!id || subject !== id.uri)
    return refused(`the subject of the assertion is not ${id?.uri ?? 'the peer: it has no SPIFFE ID'}`);
  return spiffeClient(clientId, issuer, id, clients);
}

/**
 * The client of a token request without an assertion: the peer itself (RFC 8705 §2,
 * draft-ietf-oauth-spiffe-client-auth-02 §3.2). No issuer vouches for it, so a client that is registered at
 * some issuers only is another one: two authorization servers may call two clients by one name.
 */
export function authenticatePeer(
  request: PresentedRequest,
  peer: VerifiedPeer | undefined,
  clients: Clients,
): string | Denial {
  if (!peer?.spiffeId)
    return new Denial(
      'peer_missing',
      'the client authenticates with its certificate, and no SPIFFE ID was presented',
    );
  const named = readCertificateClient(request);
  return named instanceof Denial ? named : spiffeClient(named.clientId, undefined, peer.spiffeId, clients);
}

/** The named client, else the only one that is registered for the workload. */
function spiffeClient(
  named: string | undefined,
  issuer: string | undefined,
  id: SpiffeId,
  clients: Clients,
): string | Denial {
  if (named !== undefined && isOther(named, id))
    return refused(`the SPIFFE ID in client_id is not that of the peer, which is ${excerpt(id.uri, 150)}`);
  if (named !== undefined) return checkNamed(named, issuer, id, clients);
  const found = clientsOf(id, clients).filter(
    (name) => !isOther(name, id) && isOf(issuer, clients.get(name)),
  );
  const [client] = found;
  if (client === undefined) return refused(`no client is registered for ${excerpt(id.uri, 150)}`);
  if (found.length === 1) return client;
  return new Denial(
    'client_ambiguous',
    `the request names no client_id, and ${excerpt(id.uri, 150)} is registered for ${listed(found, 3)}`,
  );
}

/** Whether a client ID is the SPIFFE ID of another workload (§3.2), for which a pattern may register this one. */
function isOther(name: string, id: SpiffeId): boolean {
  return name.startsWith('spiffe://') && name !== id.uri;
}

function checkNamed(
  name: string,
  issuer: string | undefined,
  id: SpiffeId | undefined,
  clients: Clients,
): string | Denial {
  const client = clients.get(name);
  if (!client || !isOf(issuer, client))
    return refused(`client ${JSON.stringify(name.slice(0, 100))} is not registered`);
  if (id && client.workloads.some((pattern) => matchesSpiffePattern(pattern, id))) return name;
  return refused(`the client is not registered for ${id?.uri ?? 'a peer without a SPIFFE ID'}`);
}

/** @param issuer the name of the one that vouches for the client. Undefined: none does. */
function isOf(issuer: string | undefined, client: RegisteredClient | undefined): boolean {
  const { issuers } = client ?? {};
  return issuers === undefined || (issuer !== undefined && issuers.includes(issuer));
}

function refused(why: string): Denial {
  return new Denial('client_not_registered', why);
}
