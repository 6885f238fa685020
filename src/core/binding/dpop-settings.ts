import type { AlgorithmName } from '../token/algorithms.ts';

/** How proofs are judged that come in the header `DPoP`. */
export interface DpopSettings {
  readonly algorithms: ReadonlySet<AlgorithmName>;
  /** The origin that clients see, such as `https://api.example.com`, by the host that is received. */
  readonly origins: ReadonlyMap<string, string>;
  /** How long a proof holds, in milliseconds from `iat` on. */
  readonly maxAge: number;
  /** How far clocks may differ, in milliseconds. */
  readonly clockSkew: number;
}
