import { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import { Malformed } from '../malformed.ts';
import type { Memo } from '../memo.ts';
import { type AlgorithmName, algorithms, isAlgorithm } from './algorithms.ts';
import { readClaims } from './claims.ts';
import { parseJws, type UnverifiedJws } from './jws.ts';
import { candidates, type KeySet, type KeySource, maxCandidates, type VerificationKey } from './keys.ts';
import type { ProfileName } from './profiles.ts';
import type { VerifiedToken } from './verified-token.ts';

/** An issuer that the configuration names. Only these exist: an unknown `iss` never causes a fetch. */
export interface Issuer {
  readonly name: string;
  /** Compared with `iss` character by character, trailing slash and case included. */
  readonly iss: string;
  readonly audiences: readonly string[];
  readonly profile: ProfileName;
  readonly algorithms: ReadonlySet<AlgorithmName>;
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly keys: KeySource;
}

export interface TokenPolicy {
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** Characters; a longer token is refused before it is looked at. */
  readonly maxTokenLength: number;
}

/** A token that was verified before, and the key that did it: forgotten with that key. */
export interface Remembered {
  readonly token: VerifiedToken;
  readonly key: VerificationKey;
}

/** Finds the digest of a token, so that the memory holds no credentials. */
export type Digest = (token: string) => string;

const maxKidLength = 256;

/**
 * Verifies the signature of a JWT (RFC 7515 §5.2, RFC 8725): shape, critical headers, algorithm allow-list, configured
 * issuer, key by `kid` and algorithm, signature; only then are its claims read. `jku`, `x5u`, `jwk` and `x5c` are never
 * looked at. Does **not** check time, audience or type: that is `acceptToken`, which is asked at every check.
 * @throws DependencyError where the issuer's keys are not available.
 */
export async function verifyToken(
  text: string,
  policy: TokenPolicy,
  memo: Memo<Remembered>,
  digest: Digest,
  moment: Moment,
): Promise<VerifiedToken | Denial> {
  if (text.length > policy.maxTokenLength)
    return new Denial('token_too_large', `${text.length} characters, more than ${policy.maxTokenLength}`);
  const id = digest(text);
  const remembered = memo.get(id);
  if (remembered) {
    const set = policy.issuers.get(remembered.token.iss)?.keys.current(moment.now);
    if (set?.keys.includes(remembered.key)) return remembered.token;
    memo.delete(id);
  }

  const jws = parseJws(text);
  if (jws instanceof Malformed) return new Denial('token_malformed', jws.why);
  const header = readHeader(jws.header);
  if (header instanceof Denial) return header;
  const { alg, kid } = header;
  const { iss } = jws.payload;
  const issuer = typeof iss === 'string' ? policy.issuers.get(iss) : undefined;
  if (!issuer) return new Denial('token_issuer_unknown', `iss ${quote(iss)} is not configured`);
  if (!issuer.algorithms.has(alg))
    return new Denial('token_algorithm_not_allowed', `${alg} is not allowed for ${issuer.name}`);

  const found = await findKeys(issuer, kid, alg, moment);
  if (found instanceof Denial) return found;
  const key = found.keys.find((candidate) => signedBy(jws, candidate, alg));
  if (!key) return new Denial('token_signature_invalid', `alg ${alg}, kid ${quote(kid)}`);

  const token = readClaims(jws.payload, {
    issuer: issuer.name,
    algorithm: alg,
    kid,
    keyFetchedAt: found.fetchedAt,
    typ: header.typ,
  });
  if (token instanceof Denial) return token;
  memo.set(id, { token: { ...token, cached: true }, key });
  return token;
}

function readHeader(
  header: UnverifiedJws['header'],
): { alg: AlgorithmName; kid: string | undefined; typ: string | undefined } | Denial {
  const { alg, kid, typ, crit, b64 } = header;
  // No extension is understood, so none may be critical (RFC 7515 §4.1.11); b64 changes what was signed (RFC 7797).
  if (crit !== undefined || b64 !== undefined)
    return new Denial('token_malformed', 'crit or b64 in the header');
  if (!isAlgorithm(alg)) return new Denial('token_algorithm_not_allowed', `alg ${quote(alg)}`);
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKidLength))
    return new Denial('token_malformed', 'kid is no string, or longer than 256 characters');
  if (typ !== undefined && typeof typ !== 'string') return new Denial('token_malformed', 'typ is no string');
  return { alg, kid, typ };
}

async function findKeys(
  issuer: Issuer,
  kid: string | undefined,
  alg: AlgorithmName,
  moment: Moment,
): Promise<KeySet | Denial> {
  let set = issuer.keys.current(moment.now);
  let keys = candidates(set, kid, alg);
  if (keys.length === 0 && kid !== undefined && !set.keys.some((key) => key.kid === kid)) {
    set = await issuer.keys.refreshFor(kid, moment.now, moment.deadline);
    keys = candidates(set, kid, alg);
  }
  if (keys.length === 0)
    return new Denial('token_key_unknown', `${issuer.name} has no key for alg ${alg}, kid ${quote(kid)}`);
  if (keys.length > maxCandidates)
    return new Denial('token_key_unknown', `${keys.length} keys would fit: the token must name one (kid)`);
  return { keys, fetchedAt: set.fetchedAt };
}

function signedBy(jws: UnverifiedJws, candidate: VerificationKey, alg: AlgorithmName): boolean {
  try {
    return algorithms[alg].check(jws.signingInput, candidate.key, jws.signature);
  } catch {
    // OpenSSL throws on some bytes that are no signature; that is a "no" and not a failure of ours.
    return false;
  }
}

/** For the log: short, and with what could break a line escaped. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
