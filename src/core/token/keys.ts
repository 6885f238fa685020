import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { Malformed } from '../../lib/malformed.ts';
import type { Moment } from '../evidence.ts';
import { type AlgorithmName, algorithmNames, algorithms } from './algorithms.ts';

/** A public key of an issuer, and the algorithms that it may verify. */
export interface VerificationKey {
  readonly kid: string | undefined;
  /** A PEM key has no `kid` of its own: it fits any `kid` that a token names. */
  readonly fitsEveryKid?: true;
  readonly algorithms: ReadonlySet<AlgorithmName>;
  readonly key: KeyObject;
}

export type ReadKeys = readonly VerificationKey[] | Malformed;

/** The keys of an issuer at one time. Immutable: a refresh creates a new set. */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** When they were fetched or read, in milliseconds since the epoch. */
  readonly fetchedAt: number;
  /** When they may be fetched again, in milliseconds since the epoch, if that kept us from looking for a `kid`. */
  readonly heldUntil?: number;
}

/** Provides the keys of an issuer. Network and files are behind this interface. */
export interface KeySource {
  /** @throws DependencyError if no keys are known, or if they are older than allowed */
  current(now: number): KeySet;
  /**
   * Fetches the keys again because `kid` is unknown. Resolves with the keys known then. They may be
   * unchanged, because there is a cool-down.
   * @throws DependencyError if the issuer did not answer before the deadline, or too many checks wait
   */
  refreshFor(kid: string, moment: Moment): Promise<KeySet>;
}

/** The most keys that are tried for a token without a `kid`, or with one that several keys share. */
export const maxCandidates = 4;
const maxKeys = 100;
const minRsaBits = 2048;

/** The keys that a header may mean: the same `kid` if it has one, and fit for the algorithm. */
export function candidates(
  set: KeySet,
  kid: string | undefined,
  alg: AlgorithmName,
): readonly VerificationKey[] {
  return set.keys.filter(
    (key) => key.algorithms.has(alg) && (kid === undefined || key.fitsEveryKid || key.kid === kid),
  );
}

/**
 * Reads a JWK Set (RFC 7517 §5). Keys that cannot verify signatures are skipped, as §5 requires: another
 * `use`, `key_ops` without verify, symmetric keys, RSA below 2048 bits, an unknown type or curve, or an `alg`
 * that does not fit the type. Private keys are skipped too, because anyone who read the set could have signed
 * with them. Malformed if it is not a JWK Set, or has more than 100 keys.
 * @param uses accepted values of `use`; a key without `use` is accepted too
 */
export function parseJwks(document: unknown, uses: readonly string[] = ['sig']): ReadKeys {
  const keys = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys)) return new Malformed('not a JWK Set: "keys" is not a list');
  if (keys.length > maxKeys) return new Malformed(`more than ${maxKeys} keys`);
  return keys.flatMap((jwk) => parseJwk(jwk, uses) ?? []);
}

/** Whether a JWK Set contains a private key (`d`, RFC 7518 §6): its readers can sign for its issuer. */
export function holdsPrivateKey(document: unknown): boolean {
  const keys = (document as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) && keys.some(isPrivate);
}

function isPrivate(jwk: unknown): boolean {
  return typeof jwk === 'object' && jwk !== null && Object.hasOwn(jwk, 'd');
}

/** Reads a public key in PEM (SPKI or X.509). It fits every `kid` and every algorithm of its type. */
export function parsePemKey(pem: string): VerificationKey | Malformed {
  if (/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/.test(pem))
    return new Malformed(
      'a private key, which only the issuer may have: use the public key, made by openssl pkey -in FILE -pubout',
    );
  try {
    const key = createPublicKey(pem);
    const fits = algorithmsFor(key);
    return fits.size > 0
      ? { kid: undefined, fitsEveryKid: true, algorithms: fits, key }
      : new Malformed('the key is too short or of an unsupported type');
  } catch {
    return new Malformed('not a public key in PEM');
  }
}

/** One key of a set, see `parseJwks`. Undefined if it is skipped. */
export function parseJwk(jwk: unknown, uses: readonly string[]): VerificationKey | undefined {
  if (typeof jwk !== 'object' || jwk === null || isPrivate(jwk)) return undefined;
  const { kty, kid, use, key_ops: operations, alg } = jwk as Record<string, unknown>;
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return undefined;
  if (use !== undefined && !(typeof use === 'string' && uses.includes(use))) return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
  } catch {
    return undefined;
  }
  const fits = new Set([...algorithmsFor(key)].filter((name) => alg === undefined || name === alg));
  return fits.size > 0
    ? { kid: typeof kid === 'string' ? kid : undefined, algorithms: fits, key }
    : undefined;
}

const curves: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function algorithmsFor(key: KeyObject): Set<AlgorithmName> {
  const details = key.asymmetricKeyDetails;
  const type = key.asymmetricKeyType;
  // With an exponent of 1 the signature is the padded text itself, which anyone can write.
  if (type === 'rsa' && ((details?.modulusLength ?? 0) < minRsaBits || (details?.publicExponent ?? 1n) < 3n))
    return new Set();
  const kty = type === 'rsa' ? 'RSA' : type === 'ec' ? 'EC' : type === 'ed25519' ? 'OKP' : undefined;
  const crv = type === 'ec' ? curves[details?.namedCurve ?? ''] : type === 'ed25519' ? 'Ed25519' : undefined;
  return new Set(
    algorithmNames.filter((name) => algorithms[name].kty === kty && algorithms[name].crv === crv),
  );
}
