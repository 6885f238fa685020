import { parseSpiffeId, type SpiffeId } from '../core/peer/spiffe-id.ts';
import type { Rule } from '../core/policy/rule.ts';
import { acceptsIssuer, type Issuer } from '../core/token/issuers.ts';
import type { JsonObject } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { completeClaims, tokenType } from '../trial/claims.ts';
import { certificateOf, type TrialPeer } from '../trial/trial-peer.ts';
import { type Account, accountsOf } from './accounts.ts';
import { actorClaimsOf } from './actors.ts';
import { type MadeCaller, setMember } from './caller.ts';
import { accountOf, clientsOf, sendersOf } from './senders.ts';
import { identityOf, type Side } from './side.ts';
import type { Space } from './space.ts';

/** A caller that a rule may accept, and the way in which its token is bound to it. */
export interface Candidate {
  readonly caller: MadeCaller;
  /** Callers of one way differ only in names. */
  readonly way: string;
}

/**
 * Callers that have exactly what the rule requires on this side and nothing else, one for each combination of
 * sender, issuer and proof. So each of them lacks what only another rule requires. Values of which one is
 * enough are the first: see `variantsOf`. Conditions are **not** regarded.
 */
export function* callersOf(
  side: Side,
  rule: Rule,
  hints: readonly string[],
  space: Space,
  now: number,
): Generator<Candidate> {
  const peers: (TrialPeer | undefined)[] = [
    ...sendersOf(side, rule, hints, space).map((spiffeId) => ({ spiffeId })),
    ...(rule.peers.length === 0 ? [{}, undefined] : []),
  ];
  if (rule.match.protocol === 'tcp') {
    for (const peer of peers) yield { caller: { peer }, way: 'connection' };
    return;
  }
  if (rule.credential === 'client-certificate') {
    for (const peer of peers) yield* peerClients(side, peer);
    return;
  }
  const issuers = [...side.trial.issuers.values()].filter(({ issuer }) =>
    acceptsIssuer(rule.issuers, issuer.name),
  );
  const delegated = [...actorClaimsOf(rule, space)];
  for (const peer of peers)
    for (const { issuer } of issuers)
      for (const proof of proofsOf(side, rule, issuer, peer, space, now))
        for (const [way, actors] of delegated.entries()) {
          const { given, clientId, dpop, account, name } = proof;
          const own = { ...given, ...(account && subjectOf(account)), ...actors };
          const claims = complete(issuer, rule, side, own, account, now);
          const token = { issuer: identityOf(issuer), typ: tokenType(issuer), claims, clientId, dpop };
          yield { caller: { peer, token }, way: `${issuer.name} ${name} ${way}` };
        }
}

/** The clients that a peer may be, and one that names itself none. */
function* peerClients(side: Side, peer: TrialPeer | undefined): Generator<Candidate> {
  const id = parseSpiffeId(peer?.spiffeId ?? '');
  const names = id instanceof Malformed ? [] : clientsOf(side, id, noIssuer);
  for (const client of ['', ...names]) yield { caller: { peer, client }, way: `client ${client}` };
}

/** No issuer has this name. */
const noIssuer = '';

interface Proof {
  readonly name: string;
  readonly given: JsonObject;
  readonly account?: Account | undefined;
  readonly clientId?: string | undefined;
  readonly dpop?: boolean;
}

/** The ways in which a token of the issuer can belong to the sender, of those that the rule accepts. */
function* proofsOf(
  side: Side,
  rule: Rule,
  issuer: Issuer,
  peer: TrialPeer | undefined,
  { fresh }: Space,
  now: number,
): Generator<Proof> {
  const parsed = parseSpiffeId(peer?.spiffeId ?? '');
  const id = parsed instanceof Malformed ? undefined : parsed;
  const isAccount = issuer.profile === 'service-account';
  const own = id && isAccount ? accountOf(id) : undefined;
  const accounts = isAccount ? accountsOf(rule.serviceAccount, fresh) : [undefined];
  const clientIds: readonly (string | undefined)[] =
    rule.credential !== 'client-assertion' ? [undefined] : id ? clientsOf(side, id, issuer.name) : [];
  for (const clientId of clientIds) {
    if (rule.binding.includes('certificate') && peer) {
      const cnf = { 'x5t#S256': certificateOf(peer, now).thumbprint };
      for (const account of accounts) yield { name: 'bound', given: { cnf }, account, clientId };
    }
    if (rule.binding.includes('workload') && id) yield* workloadProofs(id, clientId);
    if (rule.binding.includes('wit') && id) yield { name: 'wit', given: { sub: id.uri }, clientId };
    if (rule.binding.includes('dpop') && !isAccount && issuer.profile !== 'jwt-svid')
      yield { name: 'dpop', given: { cnf: { jkt: side.trial.prover.jkt } }, dpop: true };
    if (rule.binding.includes('none'))
      for (const account of accounts) yield { name: 'plain', given: {}, account, clientId };
  }

  function* workloadProofs(sender: SpiffeId, clientId: string | undefined): Generator<Proof> {
    if (!isAccount) yield { name: 'subject', given: { sub: sender.uri }, clientId };
    if (own)
      for (const account of accountsOf(rule.serviceAccount, fresh, own))
        yield { name: 'account', given: {}, account, clientId };
    for (const client of clientsOf(side, sender, issuer.name))
      for (const account of accounts)
        yield { name: `client ${client}`, given: { client_id: client }, account, clientId };
  }
}

function subjectOf({ namespace, name }: Account): JsonObject {
  return { sub: `system:serviceaccount:${namespace}:${name}` };
}

function complete(
  issuer: Issuer,
  rule: Rule,
  { trial }: Side,
  given: JsonObject,
  account: Account | undefined,
  now: number,
): JsonObject {
  let claims = completeClaims(issuer, given, now);
  const set = (path: readonly string[], value: unknown) => {
    claims = setMember(claims, path, value);
  };
  if (account?.pod !== undefined) set(['kubernetes.io', 'pod'], { name: account.pod });
  if (rule.scopes.length > 0) set(['scope'], rule.scopes.join(' '));
  const address = firstAddress(rule);
  if (address !== undefined) {
    set(trial.policy.identity.person.claims.email, address);
    set(['email_verified'], true);
  }
  for (const { path, values } of rule.claims) set(path, values[0]);
  return claims;
}

/** An address that both lists allow, if there is one. */
function firstAddress({ allowLists }: Rule): string | undefined {
  const addresses = addressesOf(allowLists?.emailDomains ?? []);
  const { emails = [] } = allowLists ?? {};
  const domains = addresses.map((address) => address.slice(address.indexOf('@') + 1));
  const both = emails.find((email) => domains.some((domain) => email.toLowerCase().endsWith(`@${domain}`)));
  return both ?? emails[0] ?? addresses[0];
}

/** An address of each domain, and of one below it where only those match. */
export function addressesOf(domains: readonly string[]): readonly string[] {
  return domains.map((domain) => `someone@${domain.toLowerCase().replace(/^\*?\./, 'any.')}`);
}
