import { isRecord } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import { isAlgorithm } from '../token/algorithms.ts';
import { type PresentedKey, readProofKey } from './proof-key.ts';

/** The confirmation of a token (RFC 7800 §3.1): one member, and its value in the right form. */
export interface Confirmation {
  readonly member: ConfirmationMember;
  /** Of a key: its thumbprint (RFC 7638). */
  readonly value: string;
  /** The key itself, if the token holds it. */
  readonly key?: PresentedKey;
}

/** SHA-256 in base64url is 43 characters, the last of which has two spare bits that must be zero. */
const sha256 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The members that a proof exists for, and how each value is read. */
const members = {
  /** The thumbprint of a certificate (RFC 8705 §3.1). */
  'x5t#S256': (value) => readDigest('x5t#S256', value),
  /** The thumbprint of a key (RFC 9449 §6.1, RFC 7638). */
  jkt: (value) => readDigest('jkt', value),
  /** A public key (RFC 7800 §3.2). */
  jwk: readKey,
} as const satisfies Record<string, (value: unknown) => Omit<Confirmation, 'member'> | Denial>;

export type ConfirmationMember = keyof typeof members;

/**
 * Reads `cnf`. Undefined if the token has none. A member without a proof is refused and not ignored, because
 * it requires one. Two members would require two proofs, so they are refused too.
 * @param isCached whether later checks may get the same object, so that what was read is worth keeping
 */
export function readConfirmation(cnf: unknown, isCached = false): Confirmation | undefined | Denial {
  if (cnf === undefined) return undefined;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf))
    return new Denial('confirmation_malformed', 'cnf is not an object');
  const known = confirmations.get(cnf);
  if (known) return known;
  const confirmation = readMembers(cnf);
  // A key is asked for twice in a check, and takes long to read. A thumbprint is read faster than it is kept.
  const hasKey = !(confirmation instanceof Denial) && confirmation.key;
  if (isCached || hasKey) confirmations.set(cnf, confirmation);
  return confirmation;
}

/** What was read before. Claims never change. */
const confirmations = new WeakMap<object, Confirmation | Denial>();

function readMembers(cnf: object): Confirmation | Denial {
  const names = Object.keys(cnf);
  if (!names.every(isMember)) {
    const other = names.find((name) => !isMember(name)) ?? '';
    return new Denial('confirmation_unsupported', `cnf.${other.slice(0, 40)}`);
  }
  const [member, second] = names;
  if (member === undefined) return new Denial('confirmation_malformed', 'cnf has no members');
  if (second !== undefined)
    return new Denial('confirmation_unsupported', `cnf.${member} together with cnf.${second}`);
  const read = members[member]((cnf as Record<string, unknown>)[member]);
  return read instanceof Denial ? read : { member, ...read };
}

function readDigest(member: string, value: unknown): Omit<Confirmation, 'member'> | Denial {
  if (typeof value === 'string' && sha256.test(value)) return { value };
  return new Denial('confirmation_malformed', `cnf.${member} is not the base64url of a SHA-256`);
}

/** With `alg`, because the key is for this algorithm alone (draft-ietf-wimse-workload-creds-02 §3.1). */
function readKey(jwk: unknown): Omit<Confirmation, 'member'> | Denial {
  const alg = isRecord(jwk) ? jwk.alg : undefined;
  if (!isAlgorithm(alg)) return new Denial('confirmation_malformed', 'cnf.jwk has no alg that is supported');
  const key = readProofKey(jwk, alg, 'cnf');
  return key instanceof Denial ? key : { value: key.thumbprint, key };
}

function isMember(name: string): name is ConfirmationMember {
  return Object.hasOwn(members, name);
}
