import type { Cache } from '../lib/cache.ts';
import type { Mutable } from '../lib/mutable.ts';
import { type Soon, whenHere } from '../lib/soon.ts';
import { bind } from './binding/bind.ts';
import type { RegisteredClient } from './binding/proof.ts';
import type { ProofSettings } from './binding/settings.ts';
import { Denial } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import type { IdentityPolicy } from './identity/identity.ts';
import type { KnownIdentity } from './identity/known-identity.ts';
import { readTransaction } from './internal-token/transaction.ts';
import type { Certificate } from './peer/certificate.ts';
import { explainMissingPeer } from './peer/missing-peer.ts';
import { type PeerPolicy, verifyPeer } from './peer/verify-peer.ts';
import { checkAllowLists } from './policy/allow-lists.ts';
import { authenticatePeer, clientOfAssertion } from './policy/clients.ts';
import { checkPeers, checkRequirements } from './policy/requirements.ts';
import type { Route, Routes } from './policy/routes.ts';
import type { Observation, Rule } from './policy/rule.ts';
import { findCovering } from './resource/find-resource.ts';
import type { Resources } from './resource/resource.ts';
import type { Revocations } from './revocation/revocations.ts';
import { acceptAssertion } from './token/accept-assertion.ts';
import { acceptToken } from './token/accept-token.ts';
import { credentials } from './token/credential.ts';
import { readPerson } from './token/person.ts';
import type { VerifiedToken } from './token/verified-token.ts';
import { type CachedToken, type Digest, type TokenPolicy, verifyToken } from './token/verify-token.ts';
import { verifyWorkloadSender, type WorkloadSender } from './token/workload-sender.ts';
import { onceOfAssertion } from './used/single-assertion.ts';
import type { UsedProofs } from './used/used-proofs.ts';

/** The part of a configuration that decides checks. A reload replaces all of it, including the caches. */
export interface Policy {
  readonly routes: Routes;
  readonly peers: PeerPolicy;
  readonly tokens: TokenPolicy;
  readonly clients: ReadonlyMap<string, RegisteredClient>;
  readonly proofs: ProofSettings;
  readonly identity: IdentityPolicy;
  /** Certificates that were read before, by their text. */
  readonly certificates: Cache<Certificate>;
  /** Tokens that were verified before, by their digest. */
  readonly tokenCache: Cache<CachedToken>;
  readonly digest: Digest;
  /** Identities of tokens that were allowed before, by their digest. */
  readonly identityCache: Cache<KnownIdentity>;
  /** What was used and must not be used again. It belongs to the service, and outlives a reload. */
  readonly usedProofs: UsedProofs;
  /** What is observed of checks that no rule covers. Undefined: they are refused. */
  readonly observation: Observation | undefined;
  /** Undefined: none is configured. */
  readonly resources: Resources | undefined;
  /** What was revoked. Belongs to the process, and not to a configuration. Undefined: nothing can be. */
  readonly revocations?: Revocations | undefined;
}

/** How a check is judged that was refused before, see `observe`. */
export interface SecondJudgement {
  /** By this rule. */
  readonly route: Route;
  /** A token that is not bound to the sender ends the check no longer. It has no `boundBy`. */
  readonly passesUnbound: boolean;
}

/** How a check ended. Without a denial and without a failure the request may pass. */
export interface Authorization {
  /** What was proven until then. */
  readonly found: Findings;
  readonly denial?: Denial | undefined;
  /** What was thrown: a DependencyError if a needed issuer did not answer. Anything else is a bug. */
  readonly failure?: { readonly error: unknown };
}

/**
 * The steps of one check: route, peer, token, binding, rules. Each step returns what it found, or the denial
 * that ends the check. The peer comes before the token because it costs no network: a client that the rule
 * refuses cannot make us ask an issuer. A proof that holds only once is marked as used at the very end, so a
 * request that is refused anyway uses up nothing. Returns a promise only if an issuer or the store of used
 * proofs must be asked. Never throws and never rejects.
 */
export function authorize(
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  again?: SecondJudgement,
): Soon<Authorization> {
  const found: Mutable<Findings> = {};
  const ended = (denial: Denial | undefined): Authorization => {
    if (!denial) return { found, denial };
    const { resources, peers } = policy;
    const { request } = evidence;
    if (resources && request && found.path) found.resource = findCovering(resources, request, found.path);
    return { found, denial: explainMissingPeer(denial, evidence, peers, found.peer) };
  };
  const failed = (error: unknown): Authorization => ({ found, failure: { error } });
  // A second judgement would repeat the steps of the first.
  const steps = again ? undefined : moment.steps;
  try {
    if (evidence.flaw) return ended(evidence.flaw);
    if (evidence.outage) return failed(evidence.outage);
    const route = again?.route ?? policy.routes.match(evidence);
    if (route instanceof Denial) return ended(route);
    const { rule, path = '', host } = route;
    found.rule = rule;
    found.path = path;
    steps?.done('rule_found');
    if (rule.public) return ended(checkAllowLists(evidence.allowLists, undefined, 'proxy'));

    const peer = verifyPeer(evidence, policy.peers, policy.certificates, moment.now);
    if (peer instanceof Denial) return ended(peer);
    if (peer) {
      found.peer = peer;
      steps?.done('peer_verified');
    }
    const wrongPeer = checkPeers(rule.peers, peer);
    const { request } = evidence;
    if (wrongPeer || !request) return ended(wrongPeer);

    const { internalToken } = policy.identity;
    if (internalToken?.transactions) {
      const transaction = readTransaction(request, peer, internalToken.transactions, moment.now);
      if (transaction instanceof Denial) return ended(transaction);
      found.transaction = transaction;
    }
    const { tokenCache, digest, tokens, clients } = policy;
    if (rule.credential === 'client-certificate') {
      const client = authenticatePeer(request, peer, clients);
      if (client instanceof Denial) return ended(client);
      found.client = client;
      found.boundBy = 'workload';
      steps?.done('binding_proved');
      return ended(checkAllowLists(evidence.allowLists, undefined, 'proxy'));
    }
    const { read, kinds } = credentials[rule.credential];
    const presented = read(request, rule.authorizationServer);
    if (presented instanceof Denial)
      return rule.tokenIsOptional && presented.reason === 'token_missing'
        ? ended(checkAllowLists(evidence.allowLists, undefined, 'proxy'))
        : ended(presented);
    if (presented.scheme) found.scheme = presented.scheme;

    const judgeToken = (
      verified: VerifiedToken | Denial,
      sender?: WorkloadSender | Denial,
    ): Soon<Authorization> => {
      if (verified instanceof Denial) return ended(verified);
      found.token = verified;
      const unusable =
        acceptToken(verified, tokens.issuers, kinds, moment.now) ??
        acceptAssertion(verified, presented, rule.authorizationServer);
      if (unusable) return ended(unusable);
      const clientId = clientOfAssertion(presented, verified, peer, clients);
      const named = clientId instanceof Denial ? presented.clientId : clientId;
      const revoked = policy.revocations?.find(verified, peer, named, moment.now);
      if (revoked) return ended(revoked);
      steps?.done('token_verified');

      const facts = { token: verified, peer, clients, request, presented, sender };
      const claim = { ...facts, settings: policy.proofs, now: moment.now };
      const bound = bind(rule.binding, claim);
      if (bound instanceof Denial && !again?.passesUnbound) return ended(bound);
      const assertion =
        rule.credential === 'client-assertion'
          ? onceOfAssertion(verified, tokens.issuers.named(verified.issuer), digest)
          : undefined;
      if (assertion instanceof Denial) return ended(assertion);
      const proof = bound instanceof Denial ? undefined : bound.once;
      // A proof that may have been used before proves nothing yet.
      found.boundBy = bound instanceof Denial || proof || assertion ? undefined : bound.by;
      if (!(bound instanceof Denial)) steps?.done('binding_proved');
      if (clientId instanceof Denial) return ended(clientId);
      const token = clientId === undefined ? verified : { ...verified, clientId, digest: undefined };
      found.token = token;

      const person = readPerson(token, policy.identity.person);
      if (person instanceof Denial) return ended(person);
      found.person = person;
      const unmet =
        checkAllowLists(rule.allowLists, person, 'rule') ??
        checkAllowLists(evidence.allowLists, person, 'proxy') ??
        checkRequirements(rule, { request, path, host, peer, token, now: moment.now });
      if (unmet) return ended(unmet);
      steps?.done('requirements_met');
      const once = proof ?? assertion;
      if (!once) return ended(undefined);

      const judgeUse = (isFirst: boolean): Authorization => {
        if (isFirst && !(bound instanceof Denial)) found.boundBy = bound.by;
        if (found.boundBy === 'wit' && sender && !(sender instanceof Denial)) found.sender = sender.token;
        const isAllowed = isFirst || again?.passesUnbound;
        return ended(isAllowed ? undefined : new Denial('proof_replayed', proof ? 'proof' : 'assertion'));
      };
      const owner = digest(`${token.issuer} ${token.subject ?? token.clientId}`);
      const { usedProofs } = policy;
      const used = whenHere(usedProofs.use(once, owner, moment), (isFirst) =>
        isFirst && proof && assertion ? usedProofs.use(assertion, owner, moment) : isFirst,
      );
      return used instanceof Promise ? used.then(judgeUse).catch(failed) : judgeUse(used);
    };
    const asking = { ...moment, sender: peer?.spiffeId?.uri ?? peer?.thumbprint };
    const accepted = { issuers: rule.issuers, kinds };
    const verified = verifyToken(presented.token, tokens, tokenCache, digest, asking, accepted);
    if (needsWorkloadSender(rule)) {
      const judged = whenHere(verified, (token) =>
        token instanceof Denial
          ? judgeToken(token)
          : whenHere(verifyWorkloadSender(request, policy, asking), (sender) => judgeToken(token, sender)),
      );
      return judged instanceof Promise ? judged.catch(failed) : judged;
    }
    return verified instanceof Promise ? verified.then(judgeToken).catch(failed) : judgeToken(verified);
  } catch (error) {
    return failed(error);
  }
}

/** A token of another kind, which the workload of a WIT beside it may prove to be its own. */
function needsWorkloadSender({ binding, credential }: Rule): boolean {
  return credential === 'bearer' && binding.includes('wit');
}
