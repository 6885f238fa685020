import { DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';

/*
 * Bulkheads: an issuer that hangs, or a sender that floods, must not take the places of the others.
 *
 * Most checks never wait: public rules, denials before a token, tokens in memory, keys in memory. They are decided at
 * once, so nothing is counted and nothing here can refuse them. A check waits only for the keys of an issuer (an unknown
 * `kid`) or for an issuer's answer about a token. Then it takes one of `limits.waitingChecks` places, by one rule: an
 * issuer may hold no more places than are left in all, and an asker no more than are then left to the issuer. One asker
 * that floods gets a quarter of the places, n of them at one issuer get less than half together, and the next one still
 * finds some. A quarter is kept for tokens that got a yes lately. Askers are the verified peer, else all strangers together: addresses cost nothing.
 * What is refused is `overloaded` and says where. The 64 questions to one issuer are shared out likewise: see `turns.ts`.
 */

/** On whose behalf something waits. */
export interface Asker {
  /** Checks of one name share what one asker may have. */
  readonly name: string;
  /** The token got a yes lately: it may take the places that are kept for such tokens. */
  readonly known: boolean;
}

/** For metrics. */
export interface BulkheadState {
  readonly waiting: number;
  /** Checks that found no place since the start. */
  readonly refused: number;
}

/** The sender of a check as an asker, where nothing is known of its token. */
export function senderOf({ sender = '' }: Moment): Asker {
  return { name: `sender ${sender}`, known: false };
}

/** What is left of so many for tokens that nothing is known of. At least one: a bound of 1 must not refuse everything. */
export function withoutReserve(places: number): number {
  return Math.max(1, Math.floor((places * 3) / 4));
}

/** The places of the whole service, for as long as it runs: a reload frees none. */
export class Bulkheads {
  readonly #places: () => number;
  readonly #byIssuer = new Map<string, Bulkhead>();

  /** @param places how many checks may wait in all, asked for at each */
  constructor(places: () => number) {
    this.#places = places;
  }

  /** That of an issuer, by its name in the configuration. */
  of(issuer: string): Bulkhead {
    const known = this.#byIssuer.get(issuer);
    if (known) return known;
    const bulkhead = new Bulkhead(issuer, (asker) => this.#left(asker));
    this.#byIssuer.set(issuer, bulkhead);
    return bulkhead;
  }

  #left({ known }: Asker): number {
    let taken = 0;
    for (const bulkhead of this.#byIssuer.values()) taken += bulkhead.state().waiting;
    const places = this.#places();
    return (known ? places : withoutReserve(places)) - taken;
  }
}

/** The checks that wait for one issuer. */
export class Bulkhead {
  readonly #issuer: string;
  readonly #left: (asker: Asker) => number;
  readonly #byAsker = new Map<string, number>();
  #waiting = 0;
  #refused = 0;

  /** @param left how many places no check of any issuer holds, as far as this asker may take them */
  constructor(issuer: string, left: (asker: Asker) => number) {
    this.#issuer = issuer;
    this.#left = left;
  }

  state(): BulkheadState {
    return { waiting: this.#waiting, refused: this.#refused };
  }

  /**
   * Waits for what `begin` begins, with a place of this issuer.
   * @throws DependencyError at once where the asker may have no other place: `begin` is not called then
   */
  async wait<T>(asker: Asker, begin: () => Promise<T>): Promise<T> {
    const held = this.#byAsker.get(asker.name) ?? 0;
    if (held >= this.#left(asker) - this.#waiting) {
      this.#refused++;
      throw new DependencyError(
        'overloaded',
        `${this.#waiting} checks wait for ${this.#issuer}, ${held} of this sender: more would leave too few places to others`,
        1,
      );
    }
    this.#byAsker.set(asker.name, held + 1);
    this.#waiting++;
    try {
      return await begin();
    } finally {
      this.#waiting--;
      const rest = (this.#byAsker.get(asker.name) ?? 1) - 1;
      if (rest === 0) this.#byAsker.delete(asker.name);
      else this.#byAsker.set(asker.name, rest);
    }
  }
}
