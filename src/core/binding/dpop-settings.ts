import type { Cache } from '../../lib/cache.ts';
import type { AlgorithmName } from '../token/algorithms.ts';
import type { VerificationKey } from '../token/keys.ts';
import type { Nonces } from './nonces.ts';

/** How proofs are judged that come in the header `DPoP`. */
export interface DpopSettings {
  readonly algorithms: ReadonlySet<AlgorithmName>;
  /** What stands before the path in the address that clients use, by the Host that is received. */
  readonly origins: ReadonlyMap<string, string>;
  /** How long a proof holds, in milliseconds from `iat` on. */
  readonly maxAge: number;
  /** How far clocks may differ, in milliseconds. */
  readonly clockSkew: number;
  /** Undefined: proofs need no nonce. */
  readonly nonces: Nonces | undefined;
  /** SHA-256 of a token in base64url, as `ath` holds it. */
  readonly digest: (token: string) => string;
  /** Keys that have signed a valid proof before, by their thumbprint. */
  readonly keys: Cache<VerificationKey>;
}
