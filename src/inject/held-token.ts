import { parseJws } from '../core/token/jws.ts';
import { Malformed } from '../lib/malformed.ts';
import { formatTime } from '../lib/time.ts';

/** The token of a file. It is **not** verified here: the service that receives it does that. */
export interface HeldToken {
  readonly text: string;
  /** Milliseconds since the epoch. Infinite for a token without `exp`. */
  readonly expiresAt: number;
}

/** `token68` of RFC 9110 §11.2: the characters that may follow `Bearer `. None of them can end a header. */
const token68 = /^[A-Za-z0-9._~+/-]+=*$/;

/** Bytes of a complete signature (RFC 7518 §3.4, RFC 8037 §3.1), for algorithms with a fixed length. */
const signatureBytes: Readonly<Record<string, readonly number[]>> = {
  ES256: [64],
  ES384: [96],
  ES512: [132],
  EdDSA: [64, 114],
  Ed25519: [64],
};

/**
 * Reads the content of a token file: one compact JWS. White space may follow it. `aud`, `exp` and the length
 * of the signature are checked only to notice a wrong, stale or half-written file. The signature is **not**
 * verified. A message never quotes the content.
 */
export function readHeldToken(content: string, audience: string, now: number): HeldToken | Malformed {
  const text = content.trimEnd();
  if (text === '') return new Malformed('is empty');
  if (!token68.test(text)) return new Malformed('does not hold a token: it has characters outside token68');
  const jws = parseJws(text);
  if (jws instanceof Malformed) return new Malformed(`does not hold a complete JWT: ${jws.why}`);
  if (!isWhole(jws.header.alg, jws.signature.length))
    return new Malformed('does not hold a complete JWT: its signature has the wrong length');
  const { aud, exp } = jws.payload;
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience)))
    return new Malformed(`holds a token without the audience ${JSON.stringify(audience)} in its aud`);
  if (exp === undefined) return { text, expiresAt: Number.POSITIVE_INFINITY };
  if (typeof exp !== 'number') return new Malformed('holds a token whose exp is not a number');
  const expiresAt = exp * 1000;
  if (expiresAt <= now) return new Malformed(`holds a token that expired at ${formatTime(expiresAt)}`);
  return { text, expiresAt };
}

function isWhole(algorithm: unknown, bytes: number): boolean {
  const name = String(algorithm);
  // As long as the modulus (RFC 7518 §3.3), which has at least 2048 bits and is a multiple of 128 in
  // practice.
  if (/^[RP]S/.test(name)) return bytes >= 256 && bytes % 16 === 0;
  return !Object.hasOwn(signatureBytes, name) || (signatureBytes[name]?.includes(bytes) ?? false);
}
