export interface RefreshingOptions {
  /** Makes one attempt in bounded time. Resolves with the milliseconds until the next; rejects on failure. */
  readonly attempt: () => Promise<number>;
  /** The longest pause after a failure, in milliseconds. */
  readonly longestRetry: () => number;
  readonly clock: () => number;
  /** Called after each attempt, for the log. */
  readonly report: (failure: string | undefined) => void;
}

const firstRetry = 1_000;
const lastRetry = 30_000;
/** Milliseconds between two attempts while checks need what the last attempt did not get. */
const hurried = 2_000;

/**
 * Repeats a fetch in the background, one attempt at a time. After failures it tries less and less often,
 * unless checks need the result.
 */
export class Refreshing {
  readonly #options: RefreshingOptions;
  #underway: Promise<void> | undefined;
  #failuresInRow = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** When the last attempt began, in milliseconds since the epoch. */
  attemptedAt = Number.NEGATIVE_INFINITY;
  /** Why the last attempt failed; undefined after a good one. */
  failure: string | undefined;
  /** When the first of the present failures in a row began, in milliseconds since the epoch. */
  failingSince: number | undefined;
  attempts = 0;
  failures = 0;

  constructor(options: RefreshingOptions) {
    this.#options = options;
  }

  get underway(): boolean {
    return this.#underway !== undefined;
  }

  /** Resolves after one attempt, successful or not. Goes on in the background until `stop`. */
  now(): Promise<void> {
    this.#underway ??= this.#attempt().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  /**
   * Called for each check that cannot be decided without a new attempt. Tries again soon after a failure,
   * because the pause may last much longer than the outage did. The check does **not** wait for it.
   */
  hurry(now: number): void {
    if (this.failure === undefined || this.#stopped || this.underway) return;
    // The absolute value: a clock that was put back must not delay the attempt.
    if (Math.abs(now - this.attemptedAt) >= hurried) void this.now();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #attempt(): Promise<void> {
    clearTimeout(this.#timer);
    this.attemptedAt = this.#options.clock();
    this.attempts++;
    let pause: number;
    try {
      pause = await this.#options.attempt();
      this.failure = undefined;
      this.failingSince = undefined;
      this.#failuresInRow = 0;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.failingSince ??= this.attemptedAt;
      this.failures++;
      pause = Math.min(firstRetry * 2 ** this.#failuresInRow++, lastRetry, this.#options.longestRetry());
    }
    this.#options.report(this.failure);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.now(), pause).unref();
  }
}
