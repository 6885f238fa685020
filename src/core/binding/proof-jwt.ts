import { quoted, valueText } from '../../lib/excerpt.ts';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { type AlgorithmName, algorithms, isAlgorithm } from '../token/algorithms.ts';
import { parseJws, type UnverifiedJws } from '../token/jws.ts';
import type { VerificationKey } from '../token/keys.ts';

/** A proof as it was sent in a header of its own: decoded, not verified. */
export interface PresentedProof {
  readonly jws: UnverifiedJws;
  readonly alg: AlgorithmName;
}

/** What a header with a proof must hold. */
export interface ProofForm {
  /** The name of the header, in lower case. */
  readonly header: string;
  /** The media type of the JWT, which keeps it apart from every other JWT (RFC 8725 §3.11). */
  readonly typ: string;
  readonly algorithms: ReadonlySet<AlgorithmName>;
}

/** Characters. With an RSA key of 4096 bits and an address of 4 KB, a proof has 7,000. */
const longest = 8_192;

/**
 * Reads the one proof of a request: a compact JWS of this type and of an accepted algorithm. Its length is
 * looked at first, so a long one costs nothing. Envoy joins two headers with a comma, which no JWS holds.
 * Does **not** verify the signature, and does not look at the claims.
 */
export function readProof(value: string | undefined, form: ProofForm): PresentedProof | Denial {
  const { header, typ } = form;
  if (value === undefined || value === '')
    return new Denial('proof_missing', `${header}: the header is missing`);
  if (value.length > longest)
    return new Denial('proof_too_large', `${header}: ${value.length} characters, more than ${longest}`);
  if (value.includes(',')) return new Denial('proof_ambiguous', `${header}: several values`);
  const jws = parseJws(value);
  if (jws instanceof Malformed) return malformed(form, jws.why);
  const { alg, crit, b64 } = jws.header;
  if (jws.header.typ !== typ)
    return malformed(form, `typ is ${valueText(jws.header.typ, 40)} instead of ${quoted(typ)}`);
  // No extension is supported, so none may be critical (RFC 7515 §4.1.11). b64: see RFC 7797.
  if (crit !== undefined || b64 !== undefined) return malformed(form, 'crit or b64 in the header');
  if (isAlgorithm(alg) && form.algorithms.has(alg)) return { jws, alg };
  return new Denial(
    'proof_algorithm_not_allowed',
    `${header}: alg ${valueText(alg, 40)} is not accepted: algorithms are ${[...form.algorithms].join(', ')}`,
  );
}

function malformed({ header }: ProofForm, why: string): Denial {
  return new Denial('proof_malformed', `${header}: ${why}`);
}

/** Whether this key signed the proof. */
export function signedProof(
  { jws, alg }: PresentedProof,
  { algorithms: fits, key }: VerificationKey,
): boolean {
  if (!fits.has(alg)) return false;
  try {
    return algorithms[alg].check(jws.signingInput, key, jws.signature);
  } catch {
    // OpenSSL throws on some bytes that are not a signature. The signature is invalid then.
    return false;
  }
}
