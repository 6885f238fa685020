import type { Revocation, RevocationName } from '../../core/revocation/revocation.ts';

/** Where revocations are kept, so that all processes learn of them. */
export interface RevocationStore {
  /**
   * Keeps revocations, all or none. One with a known name becomes one with it.
   * @throws StoreFull if there is no place
   * @throws Error that is safe to log, if the store cannot be written
   */
  add(entries: readonly Revocation[]): Promise<void>;
  /** Takes revocations back. @returns those that were known */
  undo(names: readonly RevocationName[]): Promise<readonly RevocationName[]>;
  /** Every revocation. One that has expired may be among them. */
  list(): Promise<readonly Revocation[]>;
}

/** There is no place for more revocations. None was dropped to make some. */
export class StoreFull extends Error {}
