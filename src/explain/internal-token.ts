import { type StatedClaims, stateClaims } from '../core/internal-token/claims.ts';
import { findDestination } from '../core/internal-token/policy.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Tried } from './trials.ts';

/** What the application gets of `identity.token`. Never the token itself, which could be used. */
export interface ExplainedToken {
  readonly header: string;
  /** What the token says, without time and ID. Undefined: no token is minted. */
  readonly claims?: StatedClaims;
  /** Why none is minted. */
  readonly why?: string;
}

/** The internal token of an allowed request. Undefined if the configuration has none, or the request is refused. */
export function explainInternalToken({ policy, decision, evidence }: Tried): ExplainedToken | undefined {
  const { internalToken } = policy.identity;
  if (!internalToken || decision.effect !== 'allow') return undefined;
  const { header, settings } = internalToken;
  const facts = decision.reason === 'observed' ? decision.proven : decision.found;
  if (facts.transaction) return { header, why: 'the request brought a Transaction Token, which is kept' };
  const destination = findDestination(evidence, internalToken);
  const stated = stateClaims(settings.format, facts, destination, settings);
  return stated instanceof Malformed ? { header, why: stated.why } : { header, claims: stated };
}

/** The same in one line. Members without a value are left out. */
export function internalTokenLine({ header, claims, why }: ExplainedToken): string {
  return claims ? `${header} says ${JSON.stringify(claims)}` : `${header} is not set: ${why}`;
}
