import type { Cache } from '../../lib/cache.ts';
import type { VerificationKey } from '../token/keys.ts';
import type { Digest } from '../token/verify-token.ts';
import type { WptDraft } from '../token/wit-carriers.ts';

/** How proofs of workload identity tokens are judged. */
export interface WitSettings {
  /** Which drafts senders may speak. They say where the proof is. */
  readonly drafts: readonly WptDraft[];
  /** What stands before the path in the address that senders use, by the Host that is received. */
  readonly origins: ReadonlyMap<string, string>;
  /** Names of this service that a proof may be for, beside the target of the request. */
  readonly audiences: ReadonlySet<string>;
  /** How far ahead a proof may expire, in milliseconds. */
  readonly maxLifetime: number;
  /** How far clocks may differ, in milliseconds. */
  readonly clockSkew: number;
  /** SHA-256 in base64url. */
  readonly digest: Digest;
  /** Keys that have signed a valid proof before, by their thumbprint. */
  readonly keys: Cache<VerificationKey>;
}
