import { Denial } from '../denial.ts';

/** The confirmation of a token (RFC 7800 §3.1): one member, and its value in the right form. */
export interface Confirmation {
  readonly member: ConfirmationMember;
  readonly value: string;
}

/** SHA-256 in base64url is 43 characters, the last of which has two spare bits that must be zero. */
const sha256 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The members that a proof exists for, and the form of each value. */
const members = {
  /** The thumbprint of a certificate (RFC 8705 §3.1). */
  'x5t#S256': sha256,
} as const satisfies Record<string, RegExp>;

export type ConfirmationMember = keyof typeof members;

/**
 * Reads `cnf`. Undefined if the token has none. A member without a proof is refused and not ignored, because
 * it requires one. Two members would require two proofs, so they are refused too.
 */
export function readConfirmation(cnf: unknown): Confirmation | undefined | Denial {
  if (cnf === undefined) return undefined;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf))
    return new Denial('confirmation_malformed', 'cnf is not an object');
  const known = confirmations.get(cnf);
  if (known) return known;
  const confirmation = readMembers(cnf);
  confirmations.set(cnf, confirmation);
  return confirmation;
}

/** What was read from the `cnf` of a token that is cached. Claims never change. */
const confirmations = new WeakMap<object, Confirmation | Denial>();

function readMembers(cnf: object): Confirmation | Denial {
  const names = Object.keys(cnf);
  const other = names.find((name) => !isMember(name));
  if (other !== undefined) return new Denial('confirmation_unsupported', `cnf.${other.slice(0, 40)}`);
  const [member, second] = names.filter(isMember);
  if (member === undefined) return new Denial('confirmation_malformed', 'cnf has no members');
  if (second !== undefined)
    return new Denial('confirmation_unsupported', `cnf.${member} together with cnf.${second}`);
  const value = (cnf as Record<string, unknown>)[member];
  if (typeof value !== 'string' || !members[member].test(value))
    return new Denial('confirmation_malformed', `cnf.${member} is not the base64url of a SHA-256`);
  return { member, value };
}

function isMember(name: string): name is ConfirmationMember {
  return Object.hasOwn(members, name);
}
