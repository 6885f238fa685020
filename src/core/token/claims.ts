import { filledText, type JsonObject } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import type { Issuer } from './issuers.ts';
import { readServiceAccount } from './service-account.ts';
import type { TokenKind, VerifiedToken } from './verified-token.ts';

/**
 * Reads the claims that an issuer vouches for. Registered claims must have the types of RFC 7519 §4.1: `iss`
 * and `sub` strings, `aud` a string or a list of strings, `exp`, `nbf` and `iat` finite numbers (1e400 is
 * not).
 */
export function readClaims(
  claims: JsonObject,
  issuer: Issuer,
  proof: Pick<VerifiedToken, 'algorithm' | 'kid' | 'keyFetchedAt' | 'typ' | 'cached'>,
): VerifiedToken | Denial {
  const { iss, sub, aud, exp, nbf, iat } = claims;
  if (!isTime(exp)) return malformed('exp', 'a finite number');
  if (!isTime(nbf)) return malformed('nbf', 'a finite number');
  if (!isTime(iat)) return malformed('iat', 'a finite number');
  if (iss !== undefined && typeof iss !== 'string') return malformed('iss', 'a string');
  if (sub !== undefined && (typeof sub !== 'string' || sub === ''))
    return malformed('sub', 'a non-empty string');
  const audiences = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud];
  if (!audiences.every((one) => typeof one === 'string'))
    return malformed('aud', 'a string or a list of strings');
  const scopes = readScopes(claims);
  if (scopes === undefined) return malformed('scope', 'a string, or scp a string or a list of strings');
  return {
    ...proof,
    kind: tokenKind(issuer),
    issuer: issuer.name,
    iss: iss ?? issuer.iss,
    subject: sub,
    audiences,
    clientId: readClientId(claims),
    scopes,
    confirmation: claims.cnf,
    claims,
    serviceAccount: issuer.profile === 'service-account' ? readServiceAccount(sub, claims) : undefined,
    trustDomain: issuer.trustDomain,
    expiresAt: exp === undefined ? undefined : (exp as number) * 1000,
    notBefore: nbf === undefined ? 0 : (nbf as number) * 1000,
  };
}

function tokenKind({ profile, keys }: Issuer): TokenKind {
  if (profile === 'service-account' || profile === 'jwt-svid') return profile;
  if (profile === 'wit') return 'workload-identity-token';
  return keys ? 'access-token' : 'opaque-token';
}

/** Or missing. */
function isTime(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

function malformed(name: string, wanted: string): Denial {
  return new Denial('token_claim_malformed', `${name} is not ${wanted}`);
}

function readScopes({ scope, scp }: JsonObject): readonly string[] | undefined {
  const value = scope ?? scp;
  if (value === undefined) return [];
  if (typeof value === 'string') return value.split(' ').filter((one) => one !== '');
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

/** Undefined if `client_id` and `azp` differ. */
function readClientId({ client_id: clientId, azp }: JsonObject): string | undefined {
  const named = filledText(clientId);
  const party = filledText(azp);
  return named === undefined || party === undefined || named === party ? (named ?? party) : undefined;
}
