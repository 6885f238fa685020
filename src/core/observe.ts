import { type Soon, whenHere } from '../lib/soon.ts';
import { authorize } from './authorize.ts';
import type { CheckOutcome, RefusedOutcome } from './decision.ts';
import { Denial } from './denial.ts';
import type { Evidence, Moment } from './evidence.ts';
import type { Findings } from './findings.ts';
import { type IdentityFacts, identityHeaders } from './identity/identity.ts';
import { mint } from './internal-token/mint.ts';
import type { Authorization, Policy } from './judgement.ts';
import { failed, mintRequest, refusalOf } from './outcome.ts';
import type { Observation } from './policy/rule.ts';
import { acceptsIssuer } from './token/issuers.ts';

/**
 * What becomes of a check that was refused: it passes if what it lacks is only observed (`mode: observe`).
 * `authorize` stays the only judge: it is asked again, by the rule without what is observed. Not called for
 * a check that is allowed. A check that could not be read never passes, because its headers are not known,
 * and a forged identity could stay on the request. Never throws and never rejects.
 */
export function observe(
  refused: RefusedOutcome,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  clock: () => number,
): Soon<CheckOutcome> {
  const { rule } = refused.found;
  const observation = rule ? rule.observation : policy.observation;
  if (!observation || evidence.flaw || evidence.outage) return refused;
  const { reasons } = observation;
  if (!reasons)
    return whenHere(seeFurther(refused, evidence, policy, moment, observation), (found) =>
      pass(refused, found, evidence, policy, moment),
    );
  if (!reasons.has(refused.reason)) return refused;
  return whenHere(judgeAgain(refused, evidence, policy, moment, observation), (again) => {
    const enforced = refusalOf(again, clock() > moment.deadline);
    const found = { ...again.found, rule };
    return enforced ? { ...enforced, found } : pass(refused, found, evidence, policy, moment);
  });
}

/**
 * What the check proves beyond the point where it was refused. The peer comes before the token, so a token is
 * read again only after a refusal of the peer, or if no rule said where to look for one.
 */
function seeFurther(
  refused: RefusedOutcome,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  observation: Observation,
): Soon<Findings> {
  const { found, effect, reason } = refused;
  const { rule, path } = found;
  if (effect === 'unavailable' || (rule && !isOfPeer(reason))) return found;
  const without: Policy = { ...policy, peers: { ...policy.peers, from: [] } };
  return whenHere(judgeAgain(refused, evidence, policy, moment, observation), (again) =>
    whenHere(
      again.denial && isOfPeer(again.denial.reason)
        ? judgeAgain(refused, evidence, without, moment, observation)
        : again,
      (last) => ({ ...last.found, rule, path }),
    ),
  );
}

function isOfPeer(reason: string): boolean {
  return reason.startsWith('peer_');
}

/** A check without a rule is judged by the rule that stands for none. It has no normalized path. */
function judgeAgain(
  { found }: RefusedOutcome,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
  { rule, passesUnbound }: Observation,
): Soon<Authorization> {
  const route = found.rule ? policy.routes.match(evidence) : {};
  if (route instanceof Denial) return { found, denial: route };
  return authorize(evidence, policy, moment, { route: { ...route, rule }, passesUnbound });
}

/** The identity is not kept: an allow with the same facts has another answer. */
function pass(
  { reason, detail }: RefusedOutcome,
  found: Findings,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
): CheckOutcome {
  try {
    const proven = provenOf(found, policy);
    const sent = evidence.request?.headers ?? {};
    const token = proven.transaction?.text ?? (proven.token && tokenOf(proven, evidence, policy, moment));
    const identity = identityHeaders(proven, sent, policy.identity, undefined, token);
    return { found, effect: 'allow', reason: 'observed', identity, proven, wouldDeny: { reason, detail } };
  } catch (error) {
    return failed(error, found);
  }
}

function tokenOf(
  proven: IdentityFacts,
  evidence: Evidence,
  policy: Policy,
  moment: Moment,
): string | undefined {
  const { internalToken } = policy.identity;
  const asked = mintRequest(evidence, policy, moment);
  return asked && internalToken?.mint && mint(proven, asked, internalToken.mint)?.text;
}

/**
 * What the application may learn. Of a token nothing, unless it is valid, bound to the sender, and of an
 * issuer that the rule accepts: two issuers may call two users by one name. The rule that stands for none
 * accepts what all rules accept.
 */
function provenOf(found: Findings, { observation }: Policy): IdentityFacts {
  const { rule, peer, token, scheme, boundBy, sender, person, transaction } = found;
  const { issuers = [] } = rule ?? observation?.rule ?? {};
  const isProven = token && boundBy && person && acceptsIssuer(issuers, token.issuer);
  return isProven
    ? { rule, peer, token, scheme, boundBy, sender, person, transaction }
    : { rule, peer, transaction };
}
