import { listed, valueText } from '../../lib/excerpt.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import { readActors } from './actors.ts';
import type { Issuers } from './issuers.ts';
import { findLike } from './likeness.ts';
import { profiles } from './profiles.ts';
import type { TokenKind, VerifiedToken } from './verified-token.ts';

/**
 * Checks whether a verified token may be used now and here: `exp` and `nbf` with the issuer's clock skew, the
 * audience, the issuer's profile, the kinds accepted where it was presented, and the form of its actors. `exp`
 * and `aud` are mandatory unless an `allowInsecure…` setting says otherwise, or the proof of the token has the
 * audience. Runs at every check, also for a cached token.
 */
export function acceptToken(
  token: VerifiedToken,
  issuers: Issuers,
  kinds: ReadonlySet<TokenKind>,
  now: number,
): Denial | undefined {
  const issuer = issuers.named(token.issuer);
  if (!issuer) return new Denial('token_issuer_unknown', token.iss);
  if (token.expiresAt === undefined && !issuer.allowInsecureNoExpiry)
    return new Denial('token_claim_malformed', 'exp is missing');
  if (token.expiresAt !== undefined && now >= token.expiresAt + issuer.clockSkew)
    return new Denial('token_expired', `expired ${formatTime(token.expiresAt)}`);
  if (now < token.notBefore - issuer.clockSkew)
    return new Denial('token_not_yet_valid', `valid from ${formatTime(token.notBefore)}`);
  const another = profiles[issuer.profile](token);
  if (another) return new Denial('token_type_not_allowed', another);
  if (!kinds.has(token.kind))
    return new Denial('token_type_not_allowed', `the kind of the token is ${token.kind}`);
  const actors = readActors(token);
  if (actors instanceof Denial) return actors;
  if (token.audiences.length === 0 && (issuer.allowInsecureNoAudience || audienceIsInProof(token)))
    return undefined;
  if (!token.audiences.some((audience) => issuer.audiences.includes(audience)))
    return new Denial('token_audience_mismatch', describeAudiences(token.audiences, issuer.audiences));
  return undefined;
}

/** A WIT has no audience (WIT-SVID §3.8). Its proof names one, and the proof is never optional. */
function audienceIsInProof({ kind }: VerifiedToken): boolean {
  return kind === 'workload-identity-token';
}

function describeAudiences(given: readonly string[], wanted: readonly string[]): string {
  const like = given.length === 1 && given[0] ? findLike(given[0], wanted) : undefined;
  const hint = like ? `; it differs only ${like.difference} from ${like.name}` : '';
  const aud = given.length === 0 ? 'missing' : valueText(given);
  return `wanted: ${listed(wanted, 3)}; aud is ${aud}${hint}`;
}
