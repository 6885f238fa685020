import { DependencyError } from '../core/denial.ts';
import type { Authorities } from '../core/peer/bundle.ts';
import { parseSpiffeBundle, whyNone } from '../core/peer/bundle-document.ts';
import { Malformed } from '../lib/malformed.ts';
import { Refreshing, type RefreshingOptions } from './refreshing.ts';
import { type BundleState, type RunningBundle, renewed, validitiesOf } from './trust-bundle-state.ts';

export interface EndpointBundleOptions extends Pick<RefreshingOptions, 'clock' | 'report'> {
  readonly trustDomain: string;
  /** Fetches the document. Bounds its own time and size. Rejects if there is none. */
  readonly fetch: () => Promise<unknown>;
  /** Milliseconds that a bundle is used after the last successful fetch. */
  readonly keep: number;
}

const shortest = 10_000;
const usual = 300_000;
const longest = 3_600_000;

/**
 * The authorities of a SPIFFE bundle endpoint (SPIFFE Federation §5.2.1, profile https_web: the connection
 * authenticates the bundle). Fetched in the background as often as the bundle asks, between 10 s and an hour.
 * They are kept for a set time while it is down. An answer without a usable authority is a failure.
 */
export class EndpointBundle implements RunningBundle {
  readonly #options: EndpointBundleOptions;
  #authorities: Authorities | undefined;
  #fetchedAt: number | undefined;
  #refresh = usual;
  readonly #refreshing: Refreshing;

  constructor(options: EndpointBundleOptions) {
    this.#options = options;
    const { clock, report } = options;
    this.#refreshing = new Refreshing({
      attempt: () => this.#fetch(),
      longestRetry: () => this.#refresh,
      clock,
      report,
    });
  }

  current(now: number): Authorities {
    if (this.#authorities === undefined || this.#fetchedAt === undefined)
      throw this.#unavailable('was never fetched', now);
    if (now - this.#fetchedAt > this.#options.keep) throw this.#unavailable('is too old', now);
    return this.#authorities;
  }

  start(): Promise<void> {
    return this.#refreshing.now();
  }

  stop(): void {
    this.#refreshing.stop();
  }

  state(): BundleState {
    const { trustDomain, clock } = this.#options;
    return {
      trustDomain,
      authorities: this.#authorities?.list.length ?? 0,
      validities: validitiesOf(this.#authorities),
      age: this.#fetchedAt === undefined ? undefined : (clock() - this.#fetchedAt) / 1000,
      fetches: this.#refreshing.attempts,
      failures: this.#refreshing.failures,
      failure: this.#refreshing.failure,
    };
  }

  async #fetch(): Promise<number> {
    const { fetch, trustDomain } = this.#options;
    const bundle = parseSpiffeBundle(await fetch(), trustDomain);
    if (bundle instanceof Malformed) throw new Error(bundle.why);
    if (bundle.authorities.length === 0) throw new Error(whyNone(bundle));
    this.#authorities = renewed(this.#authorities, bundle.authorities);
    this.#fetchedAt = this.#options.clock();
    const wanted = Math.max((bundle.refreshHint ?? usual / 1000) * 1000, shortest);
    // Early enough for a second attempt before the bundle is too old.
    this.#refresh = Math.min(wanted, longest, this.#options.keep / 2);
    return this.#refresh;
  }

  #unavailable(what: string, now: number): DependencyError {
    const { trustDomain } = this.#options;
    const { failure = 'there was no attempt yet' } = this.#refreshing;
    this.#refreshing.hurry(now);
    return new DependencyError('bundle_unavailable', `the bundle of ${trustDomain} ${what}: ${failure}`, 5);
  }
}
