export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly limit: number;
  /** Milliseconds that it stays open before one is let through to try. */
  readonly openFor: number;
}

/** What came of one attempt; exactly one of the three is called. */
export interface Attempt {
  succeeded(): void;
  failed(): void;
  /** Says nothing of whether the other side is well. */
  undecided(): void;
}

/**
 * A circuit breaker: keeps a server that fails from being asked, and tries again by itself. Any success closes it; when
 * its time is over one attempt goes through, and what comes of that decides. Failures that are all of one asker say as
 * much of that asker as of the server: they keep that one out, until another one fails as well.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failuresInRow = 0;
  /** Whose failures they are, where all are of one. */
  #failing: string | undefined;
  #failedAt = 0;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Open for some asker, until an attempt succeeds, also while one is made. */
  get open(): boolean {
    return this.#failuresInRow >= this.#options.limit;
  }

  /** Milliseconds until an attempt of this asker makes sense; 0 where it may be made now. */
  wait(now: number, asker: string): number {
    if (!this.#keepsOut(asker)) return 0;
    const { openFor } = this.#options;
    const since = now - this.#failedAt;
    // A clock that was put back must not keep it open for longer than it was meant to be.
    if (since >= 0 && since < openFor) return openFor - since;
    return this.#trying ? openFor : 0;
  }

  /** Begins an attempt, after `wait` said that it may. */
  attempt(clock: () => number, asker: string): Attempt {
    const trial = this.#keepsOut(asker);
    if (trial) this.#trying = true;
    const end = () => {
      if (trial) this.#trying = false;
    };
    return {
      succeeded: () => {
        end();
        this.close();
      },
      failed: () => {
        end();
        if (this.#failuresInRow === 0) this.#failing = asker;
        else if (this.#failing !== asker) this.#failing = undefined;
        this.#failuresInRow++;
        this.#failedAt = clock();
      },
      undecided: end,
    };
  }

  /** The other side is known to be well. */
  close(): void {
    this.#failuresInRow = 0;
  }

  #keepsOut(asker: string): boolean {
    return this.open && (this.#failing === undefined || this.#failing === asker);
  }
}
