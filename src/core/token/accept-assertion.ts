import { valueText } from '../../lib/excerpt.ts';
import { Denial } from '../denial.ts';
import type { PresentedToken } from './credential.ts';
import type { VerifiedToken } from './verified-token.ts';

/**
 * Checks what draft-ietf-oauth-spiffe-client-auth-02 §3.1 asks of a `jwt-spiffe` assertion beyond
 * `acceptToken`: it is a JWT-SVID, so its subject is a SPIFFE ID, and its only audience is the issuer
 * identifier of the authorization server. A token for two servers could be passed on by one of them. Every
 * other token is accepted as it is.
 */
export function acceptAssertion(
  token: VerifiedToken,
  { assertion }: PresentedToken,
  authorizationServer: string | undefined,
): Denial | undefined {
  if (assertion !== 'jwt-spiffe') return undefined;
  if (token.kind !== 'jwt-svid')
    return new Denial('token_type_not_allowed', `a jwt-spiffe assertion is a JWT-SVID, not a ${token.kind}`);
  const { audiences } = token;
  if (audiences.length === 1 && audiences[0] === authorizationServer) return undefined;
  return new Denial(
    'token_audience_mismatch',
    `wanted: ${authorizationServer} alone; aud is ${valueText(audiences)}`,
  );
}
