import type { Soon } from '../../lib/soon.ts';
import type { Moment } from '../evidence.ts';

/** Something that must not be used a second time, such as the `jti` of a proof with the key that signed it. */
export interface SingleUse {
  /** Names it among all proofs. A digest, because the parts are as long as the caller likes. */
  readonly id: string;
  /** Milliseconds since the epoch. A check that begins later refuses the proof as too old. */
  readonly until: number;
}

/** Remembers what was used. Its store may be in this process or elsewhere. It outlives a configuration. */
export interface UsedProofs {
  /**
   * Marks it as used. Returns whether this was the first time.
   * @param owner whom the issuer of the token vouches for, as a digest. The memory is divided by it
   * @throws DependencyError if the store does not answer before the deadline, and the configuration says `refuse`
   */
  use(once: SingleUse, owner: string, moment: Moment): Soon<boolean>;
}

/** Takes every proof for unused. Only for judges that let nothing in, such as a shadow and `explain`. */
export const noneUsed: UsedProofs = { use: () => true };
