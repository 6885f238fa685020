export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly limit: number;
  /** Milliseconds that it stays open before one is let through to try. */
  readonly openFor: number;
}

/** What came of one attempt; exactly one of the three is called. */
export interface Attempt {
  succeeded(): void;
  /** @param pause milliseconds that were asked for before the next attempt; longer than `openFor`, it counts. */
  failed(pause: number): void;
  /** Says nothing of whether the other side is well. */
  undecided(): void;
}

/**
 * A circuit breaker: keeps a server that fails from being asked, and tries again by itself. Any success closes it; when
 * its time is over one attempt goes through, and what comes of that decides.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failuresInRow = 0;
  #failedAt = 0;
  #pause = 0;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Open until an attempt succeeds, also while one is made. */
  get open(): boolean {
    return this.#failuresInRow >= this.#options.limit;
  }

  /** Milliseconds until an attempt makes sense; 0 where it may be made now. */
  wait(now: number): number {
    if (!this.open) return 0;
    const since = now - this.#failedAt;
    // A clock that was put back must not keep it open for longer than it was meant to be.
    if (since >= 0 && since < this.#pause) return this.#pause - since;
    return this.#trying ? this.#options.openFor : 0;
  }

  /** Begins an attempt, after `wait` said that it may. */
  attempt(clock: () => number): Attempt {
    const trial = this.open;
    if (trial) this.#trying = true;
    const end = () => {
      if (trial) this.#trying = false;
    };
    return {
      succeeded: () => {
        end();
        this.#failuresInRow = 0;
      },
      failed: (pause) => {
        end();
        this.#failuresInRow++;
        this.#failedAt = clock();
        this.#pause = Math.max(pause, this.#options.openFor);
      },
      undecided: end,
    };
  }
}
