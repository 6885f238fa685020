import { quoted } from '../../lib/excerpt.ts';
import { isRecord } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { parseSpiffeId } from '../peer/spiffe-id.ts';
import { mediaType } from './media-type.ts';
import type { VerifiedToken } from './verified-token.ts';
import { wit } from './wit-carriers.ts';

/**
 * What the tokens of an issuer must look like. One row for each profile; it returns why a token does not fit.
 * Profiles run after the signature was verified.
 */
export const profiles = {
  /**
   * Access tokens of an issuer that does not follow RFC 9068. A token that says it is something else is
   * refused: by `typ` in the header, by the claims of OIDC Core §2 (ID token), OIDC Back-Channel Logout §2.4
   * (logout token) and RFC 8417 (security event), and by Keycloak's `typ` claim. An ID token without any of
   * these is **not** recognised: use different audiences for the API and the client.
   */
  any: (token) => describeIdToken(token) ?? describeOtherToken(token, accessTypes),
  /**
   * The same, and ID tokens (OIDC Core §2): for an issuer that has no other tokens, such as Dex. It does **not**
   * tell an ID token from an access token, and does **not** check `nonce` or `at_hash`, which belong to a login.
   */
  'id-token': (token) => describeOtherToken(token, idTypes),
  /** JWT Profile for OAuth 2.0 Access Tokens (RFC 9068 §2 and §4). */
  'at+jwt': ({ typ, claims }) => {
    if (typ === undefined) return 'typ is missing, and only at+jwt is accepted';
    if (mediaType(typ) !== 'at+jwt') return `typ is ${quoted(typ, 40)}, and only at+jwt is accepted`;
    for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])
      if (!Object.hasOwn(claims, name)) return `${name} is missing (RFC 9068 §2.2)`;
    for (const name of ['client_id', 'jti'])
      if (typeof claims[name] !== 'string') return `${name} is not a text (RFC 9068 §2.2)`;
    return undefined;
  },
  /**
   * JWT-SVID (JWT-SVID §3): the subject is a SPIFFE ID of the issuer's trust domain. `nbf` and `jti` are not
   * required: SPIRE returns the same token again, so replay protection by `jti` would refuse honest clients.
   */
  'jwt-svid': (token) => {
    const { typ } = token;
    if (typ !== undefined && !['jwt', 'jose'].includes(mediaType(typ)))
      return `typ ${JSON.stringify(typ.slice(0, 40))}`;
    return describeOtherWorkload(token);
  },
  /**
   * Workload identity token (draft-ietf-wimse-workload-creds-02 §3.1, WIT-SVID §2 and §3): the subject is a
   * SPIFFE ID of the issuer's trust domain, and `cnf.jwk` is the key of the workload. Does **not** judge that
   * key: the proof does, and without it such a token is worth nothing. `wimse:` identifiers are not accepted.
   */
  wit: (token) => {
    const { typ, confirmation } = token;
    if (typ === undefined || mediaType(typ) !== wit.type)
      return `typ is ${typ === undefined ? 'missing' : quoted(typ, 40)}, and only ${wit.type} is accepted`;
    if (!isRecord(confirmation) || !isRecord(confirmation.jwk))
      return 'cnf.jwk, the key of the workload, is missing';
    return describeOtherWorkload(token);
  },
  /** A Kubernetes ServiceAccount token: `sub` and the `kubernetes.io` claims name the same ServiceAccount. */
  'service-account': ({ serviceAccount }) =>
    serviceAccount ? undefined : 'sub and the kubernetes.io claims do not name the same ServiceAccount',
} as const satisfies Record<string, (token: VerifiedToken) => string | undefined>;

export type ProfileName = keyof typeof profiles;
export const profileNames = Object.keys(profiles) as ProfileName[];

/** What Keycloak's claim `typ` may be, in lower case. Profiles run at every check, so these are made once. */
const accessTypes = ['bearer', 'dpop'];
const idTypes = [...accessTypes, 'id'];
const headerTypes = ['jwt', 'at+jwt'];
/** What an ID token has and an access token has not. */
const idClaims = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** Why the subject is not a workload of the trust domain. */
function describeOtherWorkload({ subject, trustDomain }: VerifiedToken): string | undefined {
  const id = parseSpiffeId(subject ?? '');
  if (id instanceof Malformed) return `sub is not a SPIFFE ID: ${id.why}`;
  if (id.segments.length === 0) return 'sub is the ID of a trust domain, not of a workload';
  return id.trustDomain === trustDomain ? undefined : `sub belongs to the trust domain ${id.trustDomain}`;
}

function describeIdToken({ claims }: VerifiedToken): string | undefined {
  for (const name of idClaims) if (Object.hasOwn(claims, name)) return `an ID token (${name})`;
  return undefined;
}

/** Neither an access token nor an ID token. `types`: what Keycloak's claim `typ` may be. */
function describeOtherToken({ typ, claims }: VerifiedToken, types: readonly string[]): string | undefined {
  if (typ !== undefined && !headerTypes.includes(mediaType(typ)))
    return `typ ${JSON.stringify(typ.slice(0, 40))}`;
  if (Object.hasOwn(claims, 'events')) return 'a logout token or security event (events)';
  if (
    claims.typ !== undefined &&
    !(typeof claims.typ === 'string' && types.includes(claims.typ.toLowerCase()))
  )
    return `the claim typ is ${JSON.stringify(claims.typ).slice(0, 40)}`;
  return undefined;
}
