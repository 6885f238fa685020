import { DependencyError } from '../denial.ts';
import type { Moment } from '../evidence.ts';
import { longestCheck } from '../longest-check.ts';
import type { SingleUse, UsedProofs } from './used-proofs.ts';

/** The most heap that one proof takes, with an owner of its own. Measured by test/core/used/bytes.test.ts. */
const bytesOfProof = 384;
/** Proofs that expire in the same second are forgotten together. */
const second = 1_000;
/** Steps of forgetting that one check pays for. It adds one proof, so a memory that is full becomes empty. */
const usualSteps = 8;
const stepsWhenFull = 4_096;
const secondsInOneStep = 1_000;

/** Whom an issuer vouches for, and how many of its proofs are remembered. */
interface Owner {
  readonly name: string;
  held: number;
}

/**
 * Remembers in this process which proofs were used, until half a minute after they expire. Another process has another memory.
 * A proof is never forgotten before, because it could be used again: if the memory is full, proofs are refused
 * (`store_unavailable`). An owner may hold at most as many as are left. So one that floods has half of the
 * memory, n of them have n parts of n + 1, and the next one still finds some. A use costs the same, however
 * many proofs there are.
 */
export class UsedMemory implements UsedProofs {
  readonly #capacity: () => number;
  readonly #known = new ManyMaps();
  readonly #owners = new ManyMaps();
  /** Ids by the second in which they expire. */
  readonly #bySecond = new Map<number, string[]>();
  /** Those of one second that is over. */
  #expired: string[] = [];
  /** The next second to look at. */
  #next = 0;
  #size = 0;

  /** @param capacity the most bytes; called for each proof */
  constructor(capacity: () => number) {
    this.#capacity = capacity;
  }

  /** For metrics. */
  state(): { readonly size: number; readonly bytes: number; readonly capacity: number } {
    return { size: this.#size, bytes: this.#size * bytesOfProof, capacity: this.#capacity() };
  }

  /** @throws DependencyError if the owner may not hold another proof */
  use({ id, until }: SingleUse, owner: string, { now }: Moment): boolean {
    const known = this.#known.of(id);
    if (known.has(id)) return false;
    this.#forget(now, usualSteps);
    if (!this.#hasPlace(owner)) this.#forget(now, stepsWhenFull);
    if (!this.#hasPlace(owner))
      throw new DependencyError('store_unavailable', `${this.#size} used proofs fill the memory`, 1);
    known.set(id, this.#ownerOf(owner));
    // A check that began in time may ask for it after a wait. A clock that is put back a little asks for it too.
    const expires = Math.max(Math.ceil((until + longestCheck) / second), this.#next);
    const together = this.#bySecond.get(expires);
    if (together) together.push(id);
    else this.#bySecond.set(expires, [id]);
    this.#size++;
    return true;
  }

  #hasPlace(owner: string): boolean {
    const places = Math.floor(this.#capacity() / bytesOfProof);
    return (this.#owners.of(owner).get(owner)?.held ?? 0) < places - this.#size;
  }

  #ownerOf(name: string): Owner {
    const owners = this.#owners.of(name);
    const owner = owners.get(name) ?? { name, held: 0 };
    if (owner.held++ === 0) owners.set(name, owner);
    return owner;
  }

  /** Forgets proofs that have expired: a few, so that no check pays for all. */
  #forget(now: number, most: number): void {
    const present = Math.floor(now / second);
    for (let steps = most; steps > 0; steps--) {
      const id = this.#expired.pop();
      if (id !== undefined) this.#remove(id);
      else if (this.#size === 0) this.#next = Math.max(this.#next, present);
      else if (this.#next > present) return;
      else this.#lookOn(present);
    }
  }

  /** Goes on to the next second in which proofs expire. A second without any costs little. */
  #lookOn(present: number): void {
    const last = Math.min(present, this.#next + secondsInOneStep);
    while (this.#next < last && !this.#bySecond.has(this.#next)) this.#next++;
    this.#expired = this.#bySecond.get(this.#next) ?? [];
    this.#bySecond.delete(this.#next++);
  }

  #remove(id: string): void {
    const known = this.#known.of(id);
    const owner = known.get(id);
    known.delete(id);
    this.#size--;
    if (owner && --owner.held === 0) this.#owners.of(owner.name).delete(owner.name);
  }
}

/**
 * One map for each first character of a digest. A map that grows moves all of its entries, so a large one
 * would stop the process for up to 20 ms.
 */
class ManyMaps {
  readonly #maps = Array.from({ length: 128 }, () => new Map<string, Owner>());

  of(digest: string): Map<string, Owner> {
    return this.#maps[digest.charCodeAt(0) & 127] as Map<string, Owner>;
  }
}
