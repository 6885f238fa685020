import { excerpt, listed } from '../../lib/excerpt.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { matchesSpiffePattern, type SpiffePattern } from '../peer/spiffe-id.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { acceptsIssuer } from '../token/issuers.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import { checkActors } from './actors.ts';
import { checkClaims } from './claims.ts';
import type { Rule } from './rule.ts';
import { checkServiceAccount } from './service-accounts.ts';

/** What has been proven when the requirements of a rule are checked. */
export interface Proven {
  readonly request: PresentedRequest;
  /** As it was compared with the rules. */
  readonly path: string;
  /** As it was compared with the rules. Absent if the proxy may have read another host. */
  readonly host: string | undefined;
  readonly peer: VerifiedPeer | undefined;
  readonly token: VerifiedToken;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Checks the token against a rule, in this order. The condition is last: it may read everything. */
export function checkRequirements(rule: Rule, proven: Proven): Denial | undefined {
  const { token } = proven;
  const { serviceAccount } = token;
  return (
    checkIssuers(rule.issuers, token.issuer) ??
    checkScopes(rule.scopes, token.scopes) ??
    checkClaims(rule.claims, token.claims) ??
    checkServiceAccount(rule.serviceAccount, serviceAccount) ??
    checkActors(rule.actors, token) ??
    rule.when?.check({ ...proven, serviceAccount })
  );
}

export function checkIssuers(accepted: readonly string[], issuer: string): Denial | undefined {
  if (acceptsIssuer(accepted, issuer)) return undefined;
  return new Denial(
    'token_issuer_not_allowed',
    `the token is from ${issuer}; the rule accepts ${listed(accepted)}`,
  );
}

/** The token must have every scope (RFC 6750 §3.1 `insufficient_scope`). Scopes are case-sensitive. */
export function checkScopes(required: readonly string[], granted: readonly string[]): Denial | undefined {
  const missing = required.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return undefined;
  const has = granted.length === 0 ? 'does not have any' : `has ${listed(granted, 8)}`;
  return new Denial('scope_missing', `missing: ${missing.join(' ')}; the token ${has}`, {
    scope: required.join(' '),
  });
}

/** The SPIFFE ID of the peer must match one of the rule's patterns, if the rule has any. */
export function checkPeers(
  accepted: readonly SpiffePattern[],
  peer: VerifiedPeer | undefined,
): Denial | undefined {
  if (accepted.length === 0) return undefined;
  const id = peer?.spiffeId;
  if (!id)
    return new Denial('peer_missing', 'the rule names peers, and no peer with a SPIFFE ID was presented');
  if (accepted.some((pattern) => matchesSpiffePattern(pattern, id))) return undefined;
  const wanted = listed(
    accepted.map(({ text }) => text),
    3,
    100,
  );
  return new Denial('peer_not_allowed', `the peer is ${excerpt(id.uri, 150)}; wanted: ${wanted}`);
}
