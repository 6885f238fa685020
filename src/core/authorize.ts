import type { Cache } from '../lib/cache.ts';
import { bind } from './binding/bind.ts';
import type { RegisteredClient } from './binding/proof.ts';
import { Denial } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import type { IdentityPolicy } from './identity/identity.ts';
import type { Certificate } from './peer/certificate.ts';
import { type PeerPolicy, verifyPeer } from './peer/verify-peer.ts';
import { checkAllowLists } from './policy/allow-lists.ts';
import { checkClient } from './policy/clients.ts';
import { checkPeers } from './policy/peers.ts';
import { checkRequirements } from './policy/requirements.ts';
import type { Routes } from './policy/routes.ts';
import { acceptToken } from './token/accept-token.ts';
import { credentials } from './token/credential.ts';
import { personOf } from './token/person.ts';
import { type Digest, type Remembered, type TokenPolicy, verifyToken } from './token/verify-token.ts';

/** A running configuration, as far as it decides anything. Replaced as a whole, memories included. */
export interface Policy {
  readonly routes: Routes;
  readonly peers: PeerPolicy;
  readonly tokens: TokenPolicy;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
  readonly identity: IdentityPolicy;
  /** What was read or verified before: certificates by their text, tokens by their digest. */
  readonly certificates: Cache<Certificate>;
  readonly remembered: Cache<Remembered>;
  readonly digest: Digest;
}

/**
 * What happens to one check: route → peer → token → binding → rules. Each step returns what it found or the denial that
 * ends the walk; undefined at the end means that the request may pass. What was proven on the way is left in `found`.
 * The peer comes before the token, because it costs nothing: whom a rule keeps out cannot make us ask an issuer.
 * @throws DependencyError where an issuer that is needed did not answer, or the check did not arrive; never anything else on purpose.
 */
export async function authorize(
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  found: Findings,
): Promise<Denial | undefined> {
  if (evidence.flaw) return evidence.flaw;
  if (evidence.outage) throw evidence.outage;
  const route = policy.routes.match(evidence);
  if (route instanceof Denial) return route;
  found.rule = route.rule;
  if (route.path !== undefined) found.path = route.path;
  if (route.rule.public) return checkAllowLists(evidence.allowLists, undefined);

  const peer = verifyPeer(evidence, policy.peers, policy.certificates, moment.now);
  if (peer instanceof Denial) return peer;
  if (peer) found.peer = peer;
  const stranger = checkPeers(route.rule.peers, peer);
  if (stranger || !evidence.request) return stranger;

  const credential = credentials[route.rule.credential];
  const presented = credential.read(evidence.request);
  if (presented instanceof Denial) return presented;
  const { remembered, digest, tokens } = policy;
  const accepted = { issuers: route.rule.issuers, kinds: credential.kinds };
  const asking = { ...moment, sender: peer?.spiffeId?.uri ?? peer?.thumbprint };
  const token = await verifyToken(presented.token, tokens, remembered, digest, asking, accepted);
  if (token instanceof Denial) return token;
  found.token = token;
  const unusable = acceptToken(token, tokens.issuers, credential.kinds, moment.now);
  if (unusable) return unusable;

  const boundBy = bind(route.rule.binding, { token, peer, clients: policy.clients });
  if (boundBy instanceof Denial) return boundBy;
  found.boundBy = boundBy;
  const { clientId } = presented;
  const unregistered = clientId && checkClient(clientId, token.issuer, peer, policy.clients);
  if (unregistered) return unregistered;
  if (clientId) found.token = { ...token, clientId };

  const person = personOf(found.token, policy.identity.person);
  if (person instanceof Denial) return person;
  found.person = person;
  const unwelcome =
    checkAllowLists(route.rule.allowLists, person) ?? checkAllowLists(evidence.allowLists, person);
  if (unwelcome) return unwelcome;
  const { request } = evidence;
  const { path = '', host } = route;
  const { now } = moment;
  return checkRequirements(route.rule, { request, path, host, peer, token: found.token, now });
}
