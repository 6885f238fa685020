import { Denial } from '../denial.ts';

type Confirmation = { readonly thumbprint: string };

/**
 * The confirmation of a token (`cnf`, RFC 7800 §3.1), if Peerproof can prove it: `x5t#S256` (RFC 8705 §3.1).
 * Undefined if the token has none. Any other member requires another proof, so it is refused and not ignored.
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
  const { 'x5t#S256': thumbprint, ...others } = cnf as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) return new Denial('confirmation_unsupported', `cnf.${other.slice(0, 40)}`);
  // SHA-256 in base64url is 43 characters, the last of which has two spare bits that must be zero.
  if (typeof thumbprint !== 'string' || !/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(thumbprint))
    return new Denial('confirmation_malformed', 'cnf.x5t#S256 is not the base64url of a SHA-256');
  return { thumbprint };
}
