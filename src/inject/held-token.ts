import { parseJws } from '../core/token/jws.ts';
import { Malformed } from '../lib/malformed.ts';
import { instant } from '../lib/time.ts';

/** A token as a file holds it. Nothing of it is verified: whoever receives it does that. */
export interface HeldToken {
  readonly text: string;
  /** Milliseconds since the epoch; infinite for a token without `exp`. */
  readonly expiresAt: number;
}

/** `token68` of RFC 9110 §11.2: what can follow `Bearer ` and nothing that could end a header. */
const token68 = /^[A-Za-z0-9._~+/-]+=*$/;

/** Bytes of a whole signature (RFC 7518 §3.4, RFC 8037 §3.1), for algorithms where the key does not change them. */
const signatureBytes: Readonly<Record<string, readonly number[]>> = {
  ES256: [64],
  ES384: [96],
  ES512: [132],
  EdDSA: [64, 114],
  Ed25519: [64],
};

/**
 * Reads what a token file holds: one compact JWS, with white space behind it at the most. `aud`, `exp` and the length of
 * the signature are looked at only to notice a wrong, a stale or a half-written file; no signature is verified here. What
 * is wrong never quotes the content.
 */
export function readHeldToken(content: string, audience: string, now: number): HeldToken | Malformed {
  const text = content.trimEnd();
  if (text === '') return new Malformed('is empty');
  if (!token68.test(text)) return new Malformed('holds something that is no token (token68)');
  const jws = parseJws(text);
  if (jws instanceof Malformed) return new Malformed(`holds no whole JWT: ${jws.why}`);
  if (!isWhole(jws.header.alg, jws.signature.length))
    return new Malformed('holds no whole JWT: its signature is too short');
  const { aud, exp } = jws.payload;
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience)))
    return new Malformed(`holds a token that is not for the audience ${JSON.stringify(audience)}`);
  if (exp === undefined) return { text, expiresAt: Number.POSITIVE_INFINITY };
  if (typeof exp !== 'number') return new Malformed('holds a token whose exp is no number');
  const expiresAt = exp * 1000;
  if (expiresAt <= now) return new Malformed(`holds a token that expired at ${instant(expiresAt)}`);
  return { text, expiresAt };
}

function isWhole(algorithm: unknown, bytes: number): boolean {
  const name = String(algorithm);
  // As long as the modulus (RFC 7518 §3.3), which has 2048 bits or more and is a multiple of 128 in practice.
  if (/^[RP]S/.test(name)) return bytes >= 256 && bytes % 16 === 0;
  return !Object.hasOwn(signatureBytes, name) || (signatureBytes[name]?.includes(bytes) ?? false);
}
