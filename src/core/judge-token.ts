import type { Mutable } from '../lib/mutable.ts';
import { type Soon, whenHere } from '../lib/soon.ts';
import { bind } from './binding/bind.ts';
import { Denial } from './denial.ts';
import type { Evidence, Moment, PresentedRequest } from './evidence.ts';
import type { Findings } from './findings.ts';
import type { Policy, SecondJudgement } from './judgement.ts';
import type { VerifiedPeer } from './peer/verify-peer.ts';
import { checkAllowLists } from './policy/allow-lists.ts';
import { clientOfAssertion } from './policy/clients.ts';
import { checkRequirements } from './policy/requirements.ts';
import type { Route } from './policy/routes.ts';
import { acceptAssertion } from './token/accept-assertion.ts';
import { acceptToken } from './token/accept-token.ts';
import type { PresentedToken } from './token/credential.ts';
import { readPerson } from './token/person.ts';
import type { TokenKind, VerifiedToken } from './token/verified-token.ts';
import type { WorkloadSender } from './token/workload-sender.ts';
import { onceOfAssertion } from './used/single-assertion.ts';

/** What a check has found and what it was told, when the signature of its token is verified. */
export interface TokenCheck {
  readonly evidence: Evidence;
  readonly route: Route;
  readonly request: PresentedRequest;
  readonly peer: VerifiedPeer | undefined;
  readonly presented: PresentedToken;
  /** The kinds of tokens that are accepted where it was presented. */
  readonly kinds: ReadonlySet<TokenKind>;
  readonly policy: Policy;
  readonly moment: Moment;
  /** Gets what is proven. */
  readonly found: Mutable<Findings>;
  readonly again: SecondJudgement | undefined;
}

/**
 * The steps of a check with a verified token: may it be used now and here, was it revoked, is it the sender's,
 * does it meet the rule. What holds only once is marked as used at the very end, so a request that is refused
 * anyway uses up nothing.
 * @param sender the workload identity token beside it, if the rule reads one
 * @returns why the check is refused. Undefined: it is allowed. A promise only if the store of used proofs is
 * asked
 * @throws DependencyError if that store or the list of revocations is not available
 */
export function judgeToken(
  check: TokenCheck,
  verified: VerifiedToken,
  sender?: WorkloadSender | Denial,
): Soon<Denial | undefined> {
  const { evidence, route, request, peer, presented, policy, found, again } = check;
  const { rule, path = '', host } = route;
  const { tokens, clients } = policy;
  const { now } = check.moment;
  const steps = again ? undefined : check.moment.steps;
  found.token = verified;
  const unusable =
    acceptToken(verified, tokens.issuers, check.kinds, now) ??
    acceptAssertion(verified, presented, rule.authorizationServer);
  if (unusable) return unusable;
  const client = clientOfAssertion(presented, verified, peer, clients);
  const clientId = client instanceof Denial ? presented.clientId : client;
  const workload = sender instanceof Denial ? undefined : sender?.token.subject;
  const revoked = policy.revocations?.find(verified, peer, clientId, now, workload);
  if (revoked) return revoked;
  steps?.done('token_verified');

  const facts = { token: verified, peer, clients, request, presented, sender };
  const bound = bind(rule.binding, { ...facts, settings: policy.proofs, now });
  if (bound instanceof Denial && !again?.passesUnbound) return bound;
  const assertion = presented.assertion && onceOfAssertion(verified, tokens.issuers, policy.digest);
  if (assertion instanceof Denial) return assertion;
  const proof = bound instanceof Denial ? undefined : bound.once;
  // A proof that may have been used before proves nothing yet.
  if (!(bound instanceof Denial)) {
    if (!proof && !assertion) found.boundBy = bound.by;
    steps?.done('binding_proved');
  }
  if (client instanceof Denial) return client;
  const token = client === undefined ? verified : { ...verified, clientId: client, digest: undefined };
  found.token = token;

  const person = readPerson(token, policy.identity.person);
  if (person instanceof Denial) return person;
  found.person = person;
  const unmet =
    checkAllowLists(rule.allowLists, person, 'rule') ??
    checkAllowLists(evidence.allowLists, person, 'proxy') ??
    checkRequirements(rule, { request, path, host, peer, token, now });
  if (unmet) return unmet;
  steps?.done('requirements_met');

  const [first, second] = proof ? [proof, assertion] : [assertion];
  if (!first) return undefined;
  const owner = policy.digest(`${token.issuer} ${token.subject ?? token.clientId}`);
  const { usedProofs } = policy;
  const used = whenHere(usedProofs.use(first, owner, check.moment), (isFirst) =>
    isFirst && second ? usedProofs.use(second, owner, check.moment) : isFirst,
  );
  return whenHere(used, (isFirst) => {
    if (isFirst && !(bound instanceof Denial)) found.boundBy = bound.by;
    if (found.boundBy === 'wit' && sender && !(sender instanceof Denial)) found.sender = sender.token;
    if (isFirst || again?.passesUnbound) return undefined;
    return new Denial('proof_replayed', proof ? 'proof' : 'assertion');
  });
}
