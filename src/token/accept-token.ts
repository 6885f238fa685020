import { Denial } from '../denial.ts';
import { instant } from '../instant.ts';
import { profiles } from './profiles.ts';
import type { VerifiedToken } from './verified-token.ts';
import type { Issuer } from './verify-token.ts';

/**
 * Whether a verified token may be used now and here: `exp` and `nbf` with the issuer's clock skew, one of its configured
 * audiences, the issuer's profile. `exp` and `aud` are mandatory. Asked at every check, also for a remembered token.
 */
export function acceptToken(
  token: VerifiedToken,
  issuers: ReadonlyMap<string, Issuer>,
  now: number,
): Denial | undefined {
  const issuer = issuers.get(token.iss);
  if (!issuer) return new Denial('token_issuer_unknown', token.iss);
  if (token.expiresAt === undefined) return new Denial('token_claim_malformed', 'exp is missing');
  if (now >= token.expiresAt + issuer.clockSkew)
    return new Denial('token_expired', `expired ${instant(token.expiresAt)}`);
  if (now < token.notBefore - issuer.clockSkew)
    return new Denial('token_not_yet_valid', `valid from ${instant(token.notBefore)}`);
  const notAnAccessToken = profiles[issuer.profile](token);
  if (notAnAccessToken) return new Denial('token_type_not_allowed', notAnAccessToken);
  if (!token.audiences.some((audience) => issuer.audiences.includes(audience)))
    return new Denial('token_audience_mismatch', `aud ${JSON.stringify(token.audiences).slice(0, 200)}`);
  return undefined;
}
