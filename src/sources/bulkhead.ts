import { DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';

/*
 * Bulkheads: an issuer that hangs, or a sender that floods, must not take the places of the others.
 *
 * Most checks never wait: public rules, denials before a token, cached tokens, cached keys. They are decided
 * at once. They are not counted, and cannot be refused here. A check waits only for the keys of an issuer (an
 * unknown `kid`) or for an issuer's answer about a token. Then it takes one of `limits.waitingChecks` places.
 * An issuer may hold at most as many places as are left in total. An asker may hold at most as many as are
 * then left to the issuer. So one asker that floods gets a quarter of the places, n such askers at one issuer
 * get less than half together, and the next one still finds some. A quarter is reserved for tokens that were
 * accepted lately. An asker is the verified peer; all other senders are one asker, because addresses cost
 * nothing. A refused check is `overloaded`, and the detail says where. The 64 questions to one issuer are
 * divided likewise, see `turns.ts`.
 */

/** On whose behalf a check waits. */
export interface Asker {
  /** Checks with the same name share the places of one asker. */
  readonly name: string;
  /** The token was accepted lately, so it may take a reserved place. */
  readonly known: boolean;
}

/** For metrics. */
export interface BulkheadState {
  readonly waiting: number;
  /** Checks that were refused since the start. */
  readonly refused: number;
}

/** The asker of a check whose token is not known. */
export function askerFor({ sender = '' }: Moment): Asker {
  return { name: `sender ${sender}`, known: false };
}

/** The places that are not reserved for known tokens. At least one: a limit of 1 still lets one wait. */
export function withoutReserve(places: number): number {
  return Math.max(1, Math.floor((places * 3) / 4));
}

/** The places of the whole service. They outlive a reload. */
export class Bulkheads {
  readonly #places: () => number;
  readonly #byIssuer = new Map<string, Bulkhead>();

  /** @param places how many checks may wait in total; called for each check */
  constructor(places: () => number) {
    this.#places = places;
  }

  /** The bulkhead of an issuer, by its name in the configuration. */
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

  /** @param left how many places are free over all issuers, for this asker */
  constructor(issuer: string, left: (asker: Asker) => number) {
    this.#issuer = issuer;
    this.#left = left;
  }

  state(): BulkheadState {
    return { waiting: this.#waiting, refused: this.#refused };
  }

  /**
   * Calls `begin` and waits for it, with a place of this issuer.
   * @throws DependencyError at once if the asker may not take another place; then `begin` is not called
   */
  async wait<T>(asker: Asker, begin: () => Promise<T>): Promise<T> {
    const held = this.#byAsker.get(asker.name) ?? 0;
    if (held >= this.#left(asker) - this.#waiting) {
      this.#refused++;
      throw new DependencyError(
        'overloaded',
        `${this.#waiting} checks wait for ${this.#issuer}, ${held} of this sender: the other places are reserved`,
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
