import type { KeySet, KeySource, VerificationKey } from '../core/token/keys.ts';

/** Keys that the configuration holds, or a file that it names: always there, never asked for. */
export class FixedKeys implements KeySource {
  readonly #set: KeySet;

  constructor(keys: readonly VerificationKey[], readAt: number) {
    this.#set = { keys, fetchedAt: readAt };
  }

  current(): KeySet {
    return this.#set;
  }

  async refreshFor(): Promise<KeySet> {
    return this.#set;
  }
}
