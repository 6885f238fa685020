export interface BreakerOptions {
  /** The failures in a row that open it. */
  readonly limit: number;
  /** Milliseconds until an open breaker lets one attempt through. */
  readonly openFor: number;
}

/** The checks that wait for one attempt. */
export interface Crowd {
  readonly size: number;
  /** The asker of all of them. Undefined if there are several. */
  readonly asker: string | undefined;
}

/** The outcome of one attempt. Exactly one of the three is called. */
export interface Attempt {
  succeeded(): void;
  /** @param crowd counts as so many failures; without it, the attempt is one failure of its own asker */
  failed(crowd?: Crowd): void;
  /** The outcome does not show whether the server is well. */
  undecided(): void;
}

/**
 * A circuit breaker: stops asking a server that fails, and tries it again by itself. Any success closes it.
 * When its time is over, one attempt goes through, and its outcome decides. If all failures come from one
 * asker, that asker may be the cause. Then only that asker is kept out, until another one fails too.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failuresInRow = 0;
  /** The asker of all failures. Undefined if there are several. */
  #failing: string | undefined;
  #failedAt = 0;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Open for at least one asker. Stays open during a trial, until an attempt succeeds. */
  get open(): boolean {
    return this.#failuresInRow >= this.#options.limit;
  }

  /** Milliseconds until this asker may make an attempt. 0 means now. */
  wait(now: number, asker: string): number {
    if (!this.#keepsOut(asker)) return 0;
    const { openFor } = this.#options;
    const since = now - this.#failedAt;
    // A clock that was put back must not keep the breaker open for longer.
    if (since >= 0 && since < openFor) return openFor - since;
    return this.#trying ? openFor : 0;
  }

  /** Begins an attempt. `wait` must have returned 0. */
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
      failed: (crowd = { size: 1, asker }) => {
        end();
        if (this.#failuresInRow === 0) this.#failing = crowd.asker;
        else if (this.#failing !== crowd.asker) this.#failing = undefined;
        this.#failuresInRow += crowd.size;
        this.#failedAt = clock();
      },
      undecided: end,
    };
  }

  /** Called when the server is known to be well. */
  close(): void {
    this.#failuresInRow = 0;
  }

  #keepsOut(asker: string): boolean {
    return this.open && (this.#failing === undefined || this.#failing === asker);
  }
}
