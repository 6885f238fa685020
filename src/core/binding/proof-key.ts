import { hash } from 'node:crypto';
import { Cache } from '../../lib/cache.ts';
import { isRecord } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import { type AlgorithmName, algorithms } from '../token/algorithms.ts';
import { parseJwk, type VerificationKey } from '../token/keys.ts';

/** The public key that a proof brings with it. Whether the token is bound to it is for its proof to say. */
export interface PresentedKey {
  /** SHA-256 of the key in base64url (RFC 7638 §3). */
  readonly thumbprint: string;
  /** The members that make the key, and none other. */
  readonly members: Readonly<Record<string, string>>;
}

/** The members that make a key, in the order of RFC 7638 §3.2. A type without a row is not accepted. */
const makers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** The members of a private or a symmetric key (RFC 7518 §6). */
const secrets = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Letters of base64url: enough for an RSA modulus of 4096 bits, and for no member that needs an escape. */
const memberForm = /^[A-Za-z0-9_-]{1,683}$/;
/** An exponent of more than 32 bits makes a verification as expensive as a signature. */
const longestExponent = 6;

/**
 * Reads the member `jwk` of a header (RFC 7515 §4.1.3) without making a key of it, which is expensive. Private
 * and symmetric keys are refused: whoever reads the proof could sign as its sender. Whether the numbers are a
 * key, and a strong one, `importKey` says.
 * @param name of the proof, for the detail
 */
export function readProofKey(jwk: unknown, alg: AlgorithmName, name: string): PresentedKey | Denial {
  if (!isRecord(jwk)) return new Denial('proof_malformed', `${name}: jwk is missing or not an object`);
  if (jwk.kty === 'oct') return unsuitable(name, 'the key is symmetric');
  const secret = secrets.find((member) => Object.hasOwn(jwk, member));
  if (secret !== undefined)
    return new Denial('proof_malformed', `${name}: jwk holds a private key (${secret})`);
  const { kty, crv } = algorithms[alg];
  if (jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv))
    return unsuitable(name, `the key is not for ${alg}`);
  const members: Record<string, string> = {};
  for (const member of makers[kty] ?? []) {
    const value = jwk[member];
    if (typeof value !== 'string' || !memberForm.test(value))
      return new Denial('proof_malformed', `${name}: ${member} of jwk is missing, malformed or too long`);
    members[member] = value;
  }
  if ((members.e?.length ?? 0) > longestExponent) return unsuitable(name, 'the exponent is too large');
  return { thumbprint: hash('sha256', JSON.stringify(members), 'base64url'), members };
}

/** Makes the key. Undefined if it is none, or a weak one: RSA below 2048 bits, a point that is not on its curve. */
export function importKey({ members }: PresentedKey): VerificationKey | undefined {
  return parseJwk(members, ['sig']);
}

/** Bytes for the keys of senders, and of one of them. To make a key again takes half as long as to use it. */
const keyMemory = 8_388_608;
const bytesOfKey = 2_560;

/** Keys that verified a proof before, by their thumbprints. */
export function createKeyCache(): Cache<VerificationKey> {
  return new Cache(keyMemory, () => bytesOfKey);
}

function unsuitable(name: string, why: string): Denial {
  return new Denial('proof_key_unsuitable', `${name}: ${why}`);
}
