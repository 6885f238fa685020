import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import type { Attestation } from './authority.ts';
import { findJsonFlaw } from './json-flaw.ts';

/** The names of access tokens in `token_type` (RFC 6749 §7.1) and `token_use`, in lower case. */
const accessTokens: ReadonlySet<unknown> = new Set(['bearer', 'dpop', 'access_token', 'access']);

/**
 * Reads the answer of an introspection endpoint (RFC 7662 §2.2). Only `active: true` accepts the token. The
 * other members are used like the claims of a JWT, so the same code checks time, audience and binding. An
 * `iss` that differs from the configured one means that the token belongs to another issuer. Servers also
 * report active refresh tokens (RFC 7662 §2.1 lets them ignore the hint): one that is labelled as such is
 * refused. An unlabelled one is **not** recognised; only its missing audience keeps it out. Malformed if
 * `active` is not a boolean, which is a failure of the server.
 */
export function readIntrospection(
  answer: unknown,
  issuer: string | undefined,
): Attestation | Denial | Malformed {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    return new Malformed('not a JSON object');
  const { active, ...claims } = answer as Record<string, unknown>;
  if (typeof active !== 'boolean') return new Malformed('active is not a boolean');
  if (!active) return new Denial('token_inactive', 'active is false');
  if (issuer !== undefined && claims.iss !== undefined && claims.iss !== issuer)
    return new Denial('token_issuer_unknown', 'the introspection answer names another issuer');
  for (const name of ['token_type', 'token_use'])
    if (Object.hasOwn(claims, name) && !saysAccessToken(claims[name]))
      return new Denial('token_type_not_allowed', `${name} says that it is not an access token`);
  const flaw = findJsonFlaw(claims);
  if (flaw !== undefined) return new Denial('token_claim_malformed', `the introspection answer ${flaw}`);
  return { claims, audiences: undefined, username: undefined, cached: false };
}

function saysAccessToken(value: unknown): boolean {
  return typeof value === 'string' && accessTokens.has(value.toLowerCase());
}
