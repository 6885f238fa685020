import { DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';
import type { KeySet, KeySource, VerificationKey } from '../core/token/keys.ts';
import { Cache } from '../lib/cache.ts';
import { within } from '../lib/deadline.ts';
import { weightOfEntry } from '../lib/weight.ts';
import { askerFor, type Bulkhead } from './bulkhead.ts';
import { Refreshing, type RefreshingOptions } from './refreshing.ts';

export interface RemoteKeysOptions extends Pick<RefreshingOptions, 'clock' | 'report'> {
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** Fetches the usable keys. Bounds its own time and size. Rejects if there are none. */
  readonly fetch: () => Promise<readonly VerificationKey[]>;
  /** The places of checks with an unknown `kid`. */
  readonly bulkhead: Bulkhead;
  /** Milliseconds between two successful fetches. */
  readonly refresh: number;
  /** Milliseconds that keys are used after the last successful fetch. */
  readonly keep: number;
  /** Milliseconds between two fetches for an unknown `kid`. */
  readonly coolDown: number;
}

/** Seconds. */
const retryAfter = 5;
/** Milliseconds that a `kid` is not looked for again, after a fresh set did not hold it. */
const unknownFor = 60_000;
const unknownKidBytes = 1_048_576;

/**
 * The keys of one issuer, fetched in the background: at start, again before they get old, and once more for
 * an unknown `kid`. The cool-down and a cache of unknown ones bound the latter. There is one fetch at a time.
 * While the issuer is down, keys are kept for a set time.
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

  /** Resolves after the first attempt, successful or not. Goes on in the background until `stop`. */
  start(): Promise<void> {
    return this.#refreshing.now();
  }

  stop(): void {
    this.#refreshing.stop();
  }

  state() {
    const { attempts: fetches, failures, failure, failingSince } = this.#refreshing;
    const { keep } = this.#options;
    return { fetchedAt: this.#set?.fetchedAt, keep, fetches, failures, failure, failingSince };
  }

  current(now: number): KeySet {
    if (!this.#set) throw this.#missing('were never fetched', now);
    if (now - this.#set.fetchedAt > this.#options.keep) throw this.#missing('are too old', now);
    return this.#set;
  }

  async refreshFor(kid: string, moment: Moment): Promise<KeySet> {
    const { now, deadline } = moment;
    const lookedFor = this.#unknown.get(kid);
    if (lookedFor !== undefined && now - lookedFor < unknownFor)
      return { ...this.current(now), heldUntil: lookedFor + unknownFor };
    const cooledAt = this.#refreshing.attemptedAt + this.#options.coolDown;
    if (!this.#refreshing.underway && now < cooledAt) {
      this.#checkFetch();
      return { ...this.current(now), heldUntil: cooledAt };
    }
    const late = () =>
      new DependencyError('deadline_exceeded', `${this.#options.issuer} did not answer in time`, 1);
    await this.#options.bulkhead.wait(askerFor(moment), () =>
      within(this.#refreshing.now(), deadline - this.#options.clock(), late),
    );
    this.#checkFetch();
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

  /** An unchanged key stays the same object, so that tokens verified with it stay cached after a refresh. */
  #known(key: VerificationKey): VerificationKey {
    const same = this.#set?.keys.find(
      (old) =>
        old.kid === key.kid &&
        old.key.equals(key.key) &&
        [...key.algorithms].join() === [...old.algorithms].join(),
    );
    return same ?? key;
  }

  /** @throws DependencyError: the unknown key may exist or not. This is an outage, and not a bad token. */
  #checkFetch(): void {
    const { issuer } = this.#options;
    if (this.#refreshing.failure)
      throw this.#unavailable(
        `a key of ${issuer} is unknown, and the fetch failed: ${this.#refreshing.failure}`,
      );
  }

  #missing(why: string, now: number): DependencyError {
    const { failure } = this.#refreshing;
    this.#refreshing.hurry(now);
    return this.#unavailable(`the keys of ${this.#options.issuer} ${why}: ${failure}`);
  }

  #unavailable(detail: string): DependencyError {
    return new DependencyError('issuer_unavailable', detail, retryAfter);
  }
}
