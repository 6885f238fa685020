import type { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import { checkClaims } from './claims.ts';
import { evaluateCondition } from './condition/condition.ts';
import { checkIssuers } from './issuers.ts';
import type { Rule } from './rule.ts';
import { checkScopes } from './scopes.ts';
import { checkServiceAccount } from './service-accounts.ts';

/** What has been proven by the time a rule's requirements are looked at. */
export interface Proven {
  readonly request: PresentedRequest;
  /** Both as they were compared with the rules; the host is absent where the proxy may have read another one. */
  readonly path: string;
  readonly host: string | undefined;
  readonly peer: VerifiedPeer | undefined;
  readonly token: VerifiedToken;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** All that a rule asks of the token, in this order; the condition last, because it may look at everything. */
export function checkRequirements(rule: Rule, proven: Proven): Denial | undefined {
  const { token } = proven;
  const { serviceAccount } = token;
  return (
    checkIssuers(rule.issuers, token.issuer) ??
    checkScopes(rule.scopes, token.scopes) ??
    checkClaims(rule.claims, token.claims) ??
    checkServiceAccount(rule.serviceAccount, serviceAccount) ??
    (rule.when && evaluateCondition(rule.when, { ...proven, serviceAccount }))
  );
}
