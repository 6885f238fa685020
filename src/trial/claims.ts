import type { Issuer } from '../core/token/issuers.ts';
import type { ProfileName } from '../core/token/profiles.ts';
import { legacyIssuer } from '../core/token/service-account.ts';
import { wit } from '../core/token/wit-carriers.ts';
import { type JsonObject, recordOf } from '../lib/json.ts';

/** Seconds. */
const lifetime = 300;

/**
 * The claims of a made-up token: those that the issuer and its profile require, then the given ones over
 * them. A given `null` takes a claim away. The ServiceAccount of `sub` gets the claims that Kubernetes would
 * write for it.
 * @param now milliseconds since the epoch
 */
export function completeClaims(issuer: Issuer, given: JsonObject, now: number): JsonObject {
  const iat = Math.floor(now / 1000);
  const [aud] = issuer.audiences;
  const common = { iss: issuer.iss, aud, iat, exp: iat + lifetime };
  const claims = { ...common, ...profileClaims(issuer, given), ...given };
  return Object.fromEntries(
    Object.entries(claims).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** The header type of a token that fits the profile. */
export function tokenType({ profile }: Issuer): string {
  return headerTypes[profile] ?? 'JWT';
}

const headerTypes: Partial<Record<ProfileName, string>> = { 'at+jwt': 'at+jwt', wit: wit.type };

function profileClaims(issuer: Issuer, given: JsonObject): JsonObject {
  switch (issuer.profile) {
    case 'any':
    case 'id-token':
      return { sub: 'someone' };
    case 'at+jwt':
      return { sub: 'someone', client_id: 'someone', jti: 'trial' };
    case 'jwt-svid':
    case 'wit':
      return { sub: `spiffe://${issuer.trustDomain ?? 'cluster.local'}/ns/default/sa/default` };
    case 'service-account':
      return serviceAccountClaims(issuer, given);
  }
}

function serviceAccountClaims(
  { iss }: Issuer,
  { sub = 'system:serviceaccount:default:default' }: JsonObject,
) {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(sub)) ?? [];
  if (namespace === undefined || name === undefined) return { sub };
  const legacy = 'kubernetes.io/serviceaccount/';
  return recordOf(
    iss === legacyIssuer
      ? { sub, [`${legacy}namespace`]: namespace, [`${legacy}service-account.name`]: name }
      : { sub, 'kubernetes.io': { namespace, serviceaccount: { name } } },
  );
}

/** The claim `act` of these actors, the current one first (RFC 8693 §4.1). Undefined for none. */
export function actClaim(names: readonly string[]): JsonObject | undefined {
  return names.reduceRight<JsonObject | undefined>(
    (act, sub) => ({ sub, ...(act !== undefined && { act }) }),
    undefined,
  );
}
