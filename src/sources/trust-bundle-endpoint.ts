import { DependencyError } from '../denial.ts';
import { Malformed } from '../malformed.ts';
import type { Authorities } from '../peer/bundle.ts';
import { parseSpiffeBundle, whyNone } from '../peer/bundle-document.ts';
import { type BundleState, type RunningBundle, renewed } from './trust-bundle-state.ts';

export interface EndpointBundleOptions {
  readonly trustDomain: string;
  /** Fetches the document. Bounded in time and size by itself; rejects where there is none. */
  readonly fetch: () => Promise<unknown>;
  readonly clock: () => number;
  /** Milliseconds that a bundle is used after the last successful fetch. */
  readonly keep: number;
  /** Told of each attempt, for the log. */
  readonly report: (failure: string | undefined) => void;
}

const shortest = 10_000;
const usual = 300_000;
const longest = 3_600_000;
const firstRetry = 1_000;
const lastRetry = 30_000;

/**
 * The authorities that a SPIFFE bundle endpoint publishes (SPIFFE Federation §5.2.1, profile https_web: the connection is
 * what proves the bundle). Fetched in the background as often as the bundle asks, within 10 s and an hour; one fetch at a
 * time. Kept while the endpoint is down, for a set time and no longer; an answer without a usable authority counts as down.
 */
export class EndpointBundle implements RunningBundle {
  readonly #options: EndpointBundleOptions;
  #authorities: Authorities | undefined;
  #fetchedAt: number | undefined;
  #refresh = usual;
  #failure: string | undefined;
  #failuresInRow = 0;
  #underway: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #fetches = 0;
  #failures = 0;

  constructor(options: EndpointBundleOptions) {
    this.#options = options;
  }

  current(now: number): Authorities {
    if (this.#authorities === undefined || this.#fetchedAt === undefined)
      throw this.#unavailable('was never fetched');
    if (now - this.#fetchedAt > this.#options.keep) throw this.#unavailable('is too old');
    return this.#authorities;
  }

  start(): Promise<void> {
    this.#underway ??= this.#attempt().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  state(): BundleState {
    const { trustDomain, clock } = this.#options;
    return {
      trustDomain,
      authorities: this.#authorities?.list.length ?? 0,
      age: this.#fetchedAt === undefined ? undefined : (clock() - this.#fetchedAt) / 1000,
      fetches: this.#fetches,
      failures: this.#failures,
      failure: this.#failure,
    };
  }

  async #attempt(): Promise<void> {
    clearTimeout(this.#timer);
    this.#fetches++;
    try {
      const bundle = parseSpiffeBundle(await this.#options.fetch());
      if (bundle instanceof Malformed) throw new Error(bundle.why);
      if (bundle.authorities.length === 0) throw new Error(whyNone(bundle));
      this.#authorities = renewed(this.#authorities, bundle.authorities);
      this.#fetchedAt = this.#options.clock();
      const wanted = Math.max((bundle.refreshHint ?? usual / 1000) * 1000, shortest);
      // Asked again in time for a second attempt before it is given up.
      this.#refresh = Math.min(wanted, longest, this.#options.keep / 2);
      this.#failure = undefined;
      this.#failuresInRow = 0;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#failures++;
      this.#failuresInRow++;
    }
    this.#options.report(this.#failure);
    if (this.#stopped) return;
    const pause = this.#failure
      ? Math.min(firstRetry * 2 ** (this.#failuresInRow - 1), lastRetry, this.#refresh)
      : this.#refresh;
    this.#timer = setTimeout(() => void this.start(), pause).unref();
  }

  #unavailable(what: string): DependencyError {
    const { trustDomain } = this.#options;
    return new DependencyError(
      'bundle_unavailable',
      `the bundle of ${trustDomain} ${what}: ${this.#failure ?? 'there was no attempt yet'}`,
      5,
    );
  }
}
