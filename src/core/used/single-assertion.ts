import { Denial } from '../denial.ts';
import type { Issuers } from '../token/issuers.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import type { Digest } from '../token/verify-token.ts';
import type { SingleUse } from './used-proofs.ts';

/**
 * What must not be used again of a client assertion: its `jti` (RFC 7523 §3), if its issuer promises that no
 * two assertions have the same one (`singleUse`). The time is that of `exp`, with the clock skew with which
 * `acceptToken` compares it. Its time and its audience are **not** checked here.
 */
export function onceOfAssertion(
  { claims, expiresAt, issuer: name }: VerifiedToken,
  issuers: Issuers,
  digest: Digest,
): SingleUse | Denial | undefined {
  const issuer = issuers.named(name);
  if (!issuer?.singleUse) return undefined;
  const { jti } = claims;
  if (typeof jti !== 'string' || jti === '')
    return new Denial('token_claim_malformed', 'jti is missing, and singleUse needs it');
  if (expiresAt === undefined)
    return new Denial('token_claim_malformed', 'exp is missing, and singleUse needs it');
  return { id: digest(`assertion ${issuer.name} ${jti}`), until: expiresAt + issuer.clockSkew };
}
