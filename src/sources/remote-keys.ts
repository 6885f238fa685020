import { DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';
import type { KeySet, KeySource, VerificationKey } from '../core/token/keys.ts';
import { Cache } from '../lib/cache.ts';
import { weightOfEntry } from '../lib/weight.ts';
import { type Bulkhead, senderOf } from './bulkhead.ts';
import { within } from './deadline.ts';
import { Refreshing } from './refreshing.ts';

export interface RemoteKeysOptions {
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** Fetches the keys now usable. Bounded in time and size by itself; rejects where there are none. */
  readonly fetch: () => Promise<readonly VerificationKey[]>;
  readonly clock: () => number;
  /** Where checks with an unknown `kid` wait. */
  readonly bulkhead: Bulkhead;
  /** Milliseconds between two fetches while all is well. */
  readonly refresh: number;
  /** Milliseconds that keys are used after the last successful fetch. */
  readonly keep: number;
  /** Milliseconds between two fetches that unknown `kid`s cause. */
  readonly coolDown: number;
  /** Told of each attempt, for the log. */
  readonly report: (failure: string | undefined) => void;
}

/** Seconds. */
const retryAfter = 5;
/** A `kid` that a fresh set did not hold is not looked for again for so long. */
const unknownFor = 60_000;
const unknownKidBytes = 1_048_576;

/**
 * The keys of one issuer, fetched in the background: at start, again before they get old, and once more for a `kid` that
 * nobody knows, which the cool-down and the memory of unknown ones bound. One fetch at a time, whoever asks. Kept while
 * the issuer is down, for a set time and no longer.
 */
export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions;
  readonly #unknown = new Cache<number>(unknownKidBytes, weightOfEntry);
  readonly #refreshing: Refreshing;
  #set: KeySet | undefined;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
    const { refresh, clock, report } = options;
    this.#refreshing = new Refreshing({
      attempt: () => this.#fetch(),
      longestRetry: () => refresh,
      clock,
      report,
    });
  }

  /** Resolves after the first attempt, whatever came of it; goes on in the background until `stop`. */
  start(): Promise<void> {
    return this.#refreshing.now();
  }

  stop(): void {
    this.#refreshing.stop();
  }

  /** Why the last attempt failed; undefined after a good one. */
  get failure(): string | undefined {
    return this.#refreshing.failure;
  }

  get fetches(): number {
    return this.#refreshing.attempts;
  }

  get failures(): number {
    return this.#refreshing.failures;
  }

  get fetchedAt(): number | undefined {
    return this.#set?.fetchedAt;
  }

  current(now: number): KeySet {
    if (!this.#set)
      throw this.#unavailable(`the keys of ${this.#options.issuer} were never fetched: ${this.failure}`);
    if (now - this.#set.fetchedAt > this.#options.keep)
      throw this.#unavailable(`the keys of ${this.#options.issuer} are too old: ${this.failure}`);
    return this.#set;
  }

  async refreshFor(kid: string, moment: Moment): Promise<KeySet> {
    const { now, deadline } = moment;
    const lookedFor = this.#unknown.get(kid);
    if (lookedFor !== undefined && now - lookedFor < unknownFor) return this.current(now);
    if (!this.#refreshing.underway && now - this.#refreshing.attemptedAt < this.#options.coolDown) {
      // Nobody can say whether the key exists while the issuer is down: that is an outage, not a bad token.
      if (this.failure)
        throw this.#unavailable(`a key of ${this.#options.issuer} is unknown, and: ${this.failure}`);
      return this.current(now);
    }
    const late = () =>
      new DependencyError('deadline_exceeded', `${this.#options.issuer} did not answer in time`, 1);
    await this.#options.bulkhead.wait(senderOf(moment), () =>
      within(this.#refreshing.now(), deadline - now, late),
    );
    if (this.failure)
      throw this.#unavailable(`a key of ${this.#options.issuer} is unknown, and: ${this.failure}`);
    const set = this.current(this.#options.clock());
    if (!set.keys.some((key) => key.kid === kid)) this.#unknown.set(kid, this.#options.clock());
    return set;
  }

  async #fetch(): Promise<number> {
    const keys = await this.#options.fetch();
    if (keys.length === 0) throw new Error('no usable key in the set');
    this.#set = { keys: keys.map((key) => this.#known(key)), fetchedAt: this.#options.clock() };
    return this.#options.refresh;
  }

  /** The same key keeps its identity, so that tokens it verified stay remembered across a refresh. */
  #known(key: VerificationKey): VerificationKey {
    const same = this.#set?.keys.find(
      (old) =>
        old.kid === key.kid &&
        old.key.equals(key.key) &&
        [...key.algorithms].join() === [...old.algorithms].join(),
    );
    return same ?? key;
  }

  #unavailable(detail: string): DependencyError {
    return new DependencyError('issuer_unavailable', detail, retryAfter);
  }
}
