import type { Mutable } from '../lib/mutable.ts';
import { type Soon, whenHere } from '../lib/soon.ts';
import { Denial } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import { readTransaction } from './internal-token/transaction.ts';
import { judgeToken, type TokenCheck } from './judge-token.ts';
import type { Authorization, Policy, SecondJudgement } from './judgement.ts';
import { explainMissingPeer } from './peer/missing-peer.ts';
import { verifyPeer } from './peer/verify-peer.ts';
import { checkAllowLists } from './policy/allow-lists.ts';
import { authenticatePeer } from './policy/clients.ts';
import { checkPeers } from './policy/requirements.ts';
import type { Rule } from './policy/rule.ts';
import { findCovering } from './resource/find-resource.ts';
import { credentials } from './token/credential.ts';
import { verifyToken } from './token/verify-token.ts';
import { verifyWorkloadSender } from './token/workload-sender.ts';

/**
 * The steps of one check: route, peer, token, and what the token must meet (`judgeToken`). Each step returns
 * what it found, or the denial that ends the check. The peer comes before the token because it costs no network:
 * a client that the rule refuses cannot make us ask an issuer. Returns a promise only if an issuer or the store
 * of used proofs must be asked. Never throws and never rejects.
 */
export function authorize(
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  again?: SecondJudgement,
): Soon<Authorization> {
  const found: Mutable<Findings> = {};
  /** Without a denial the request may pass. */
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
    const { rule } = route;
    found.rule = rule;
    found.path = route.path ?? '';
    steps?.done('rule_found');
    const nobody = undefined;
    if (rule.public) return ended(checkAllowLists(evidence.allowLists, nobody, 'proxy'));

    const peer = verifyPeer(evidence, policy.peers, policy.certificates, moment.now);
    if (peer instanceof Denial) return ended(peer);
    if (peer) {
      found.peer = peer;
      steps?.done('peer_verified');
    }
    const wrongPeer = checkPeers(rule.peers, peer);
    const { request } = evidence;
    if (wrongPeer) return ended(wrongPeer);
    // A connection has no request and no token: the peer is all that its rule can ask for.
    if (!request) return ended(undefined);

    const { transactions } = policy.identity.internalToken ?? {};
    if (transactions) {
      const transaction = readTransaction(request, peer, transactions, moment.now);
      if (transaction instanceof Denial) return ended(transaction);
      found.transaction = transaction;
    }
    if (rule.credential === 'client-certificate') {
      const client = authenticatePeer(request, peer, policy.clients);
      if (client instanceof Denial) return ended(client);
      const revoked = policy.revocations?.findClient(client, peer, moment.now);
      if (revoked) return ended(revoked);
      found.client = client;
      found.boundBy = 'workload';
      steps?.done('binding_proved');
      return ended(checkAllowLists(evidence.allowLists, nobody, 'proxy'));
    }
    const { read, kinds } = credentials[rule.credential];
    const presented = read(request, rule.authorizationServer);
    if (presented instanceof Denial)
      return rule.tokenIsOptional && presented.reason === 'token_missing'
        ? ended(checkAllowLists(evidence.allowLists, nobody, 'proxy'))
        : ended(presented);
    if (presented.scheme) found.scheme = presented.scheme;

    const check: TokenCheck = {
      evidence,
      route,
      request,
      peer,
      presented,
      kinds,
      policy,
      moment,
      found,
      again,
    };
    const { tokens, tokenCache, digest } = policy;
    const asking = { ...moment, sender: peer?.spiffeId?.uri ?? peer?.thumbprint };
    const accepted = { issuers: rule.issuers, kinds };
    const verified = verifyToken(presented.token, tokens, tokenCache, digest, asking, accepted);
    const refused = whenHere(verified, (token) => {
      if (token instanceof Denial) return token;
      if (!needsWorkloadSender(rule)) return judgeToken(check, token);
      const sender = verifyWorkloadSender(request, policy, asking);
      return whenHere(sender, (known) => judgeToken(check, token, known));
    });
    return refused instanceof Promise ? refused.then(ended).catch(failed) : ended(refused);
  } catch (error) {
    return failed(error);
  }
}

/** A token of another kind, which the workload of a WIT beside it may prove to be its own. */
function needsWorkloadSender({ binding, credential }: Rule): boolean {
  return credential === 'bearer' && binding.includes('wit');
}
