import { valueText } from '../../lib/excerpt.ts';
import { type Soon, whenHere } from '../../lib/soon.ts';
import { Denial } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import { type AlgorithmName, algorithms, isAlgorithm } from './algorithms.ts';
import { readClaims } from './claims.ts';
import type { Issuer } from './issuers.ts';
import type { UnverifiedJws } from './jws.ts';
import { candidates, type KeySet, type KeySource, maxCandidates, type VerificationKey } from './keys.ts';
import { describeUnknownKey, type SoughtKey } from './unknown-key.ts';
import type { VerifiedToken } from './verified-token.ts';

/** A token with a valid signature, the key that verified it, and its issuer. */
export interface Signed {
  readonly token: VerifiedToken;
  readonly key: VerificationKey;
  readonly issuer: Issuer;
}

const maxKidLength = 256;
/** Characters of a value in the log. The address of an issuer is often longer than 60. */
const mostShown = 120;

/**
 * Verifies the signature of a JWT (RFC 7515 §5.2, RFC 8725): critical headers, allowed algorithm, configured
 * issuer, key by `kid` and algorithm, signature. Only then are its claims read. Never uses `jku`, `x5u`,
 * `jwk`, `x5c`.
 * @throws DependencyError if the issuer's keys are not available
 */
export function verifySignature(
  jws: UnverifiedJws,
  issuer: Issuer | undefined,
  moment: Moment,
): Soon<Signed | Denial> {
  const header = readHeader(jws.header);
  if (header instanceof Denial) return header;
  const { alg, kid } = header;
  if (!issuer?.keys)
    return new Denial(
      'token_issuer_unknown',
      `iss ${valueText(jws.payload.iss, mostShown)} is not configured`,
    );
  if (!issuer.algorithms.has(alg))
    return new Denial(
      'token_algorithm_not_allowed',
      `${alg} is not allowed for ${issuer.name}: algorithms are ${[...issuer.algorithms].join(', ')}`,
    );

  return whenHere(findKeys(issuer.keys, issuer.name, kid, alg, moment), (found) =>
    found instanceof Denial ? found : verifyWith(found, jws, { ...header, issuer }),
  );
}

function verifyWith(
  { keys, fetchedAt }: KeySet,
  jws: UnverifiedJws,
  { alg, kid, typ, issuer }: Header & { readonly issuer: Issuer },
): Signed | Denial {
  const key = keys.find((candidate) => signedBy(jws, candidate, alg));
  if (!key) return new Denial('token_signature_invalid', `alg ${alg}, kid ${valueText(kid, mostShown)}`);
  const proof = { algorithm: alg, kid, typ, keyFetchedAt: fetchedAt, cached: false };
  const token = readClaims(jws.payload, issuer, proof);
  return token instanceof Denial ? token : { token, key, issuer };
}

interface Header {
  readonly alg: AlgorithmName;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
}

function readHeader({ alg, kid, typ, crit, b64 }: UnverifiedJws['header']): Header | Denial {
  // No extension is supported, so none may be critical (RFC 7515 §4.1.11). b64: see RFC 7797.
  if (crit !== undefined || b64 !== undefined)
    return new Denial('token_malformed', 'crit or b64 in the header');
  if (!isAlgorithm(alg)) return new Denial('token_algorithm_not_allowed', describeAlgorithm(alg));
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKidLength))
    return new Denial('token_malformed', 'kid is not a string, or is longer than 256 characters');
  if (typ !== undefined && typeof typ !== 'string')
    return new Denial('token_malformed', 'typ is not a string');
  return { alg, kid, typ };
}

/** `none` and HMAC are the two that an attacker tries, and the first that an issuer without TLS uses. */
function describeAlgorithm(alg: unknown): string {
  if (typeof alg === 'string' && alg.toLowerCase() === 'none')
    return `alg ${valueText(alg, mostShown)}: the token is not signed`;
  if (alg === 'HS256' || alg === 'HS384' || alg === 'HS512')
    return `alg ${valueText(alg, mostShown)} is symmetric: each service that verifies such tokens could also make them`;
  return `alg ${valueText(alg, mostShown)} is not supported`;
}

function findKeys(
  source: KeySource,
  name: string,
  kid: string | undefined,
  alg: AlgorithmName,
  moment: Moment,
): Soon<KeySet | Denial> {
  const set = source.current(moment.now);
  const keys = candidates(set, kid, alg);
  if (keys.length === 0 && kid !== undefined && !set.keys.some((key) => key.kid === kid))
    return source.refreshFor(kid, moment).then((fresh) => {
      moment.steps?.done('issuer_answered');
      return choose(candidates(fresh, kid, alg), fresh, { name, kid, alg, now: moment.now });
    });
  return choose(keys, set, { name, kid, alg, now: moment.now });
}

function choose(keys: readonly VerificationKey[], set: KeySet, sought: SoughtKey): KeySet | Denial {
  if (keys.length === 0) return new Denial('token_key_unknown', describeUnknownKey(set, sought));
  if (keys.length > maxCandidates)
    return new Denial('token_key_unknown', `${keys.length} keys fit: the token must name one (kid)`);
  return { keys, fetchedAt: set.fetchedAt };
}

function signedBy(jws: UnverifiedJws, candidate: VerificationKey, alg: AlgorithmName): boolean {
  try {
    return algorithms[alg].check(jws.signingInput, candidate.key, jws.signature);
  } catch {
    // OpenSSL throws on some bytes that are not a signature. The signature is invalid then.
    return false;
  }
}
