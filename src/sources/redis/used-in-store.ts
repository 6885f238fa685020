import { DependencyError } from '../../core/denial.ts';
import type { Moment } from '../../core/evidence.ts';
import type { SingleUse, UsedProofs } from '../../core/used/used-proofs.ts';
import type { Soon } from '../../lib/soon.ts';
import { Breaker } from '../breaker.ts';
import type { Bulkhead } from '../bulkhead.ts';
import type { SharedStore } from './shared-store.ts';

export interface UsedInStoreOptions {
  readonly store: Pick<SharedStore, 'send' | 'prefix'>;
  readonly clock: () => number;
  /** The places of checks that wait for the store. */
  readonly bulkhead: Bulkhead;
  /** Milliseconds for one question. */
  readonly timeout: number;
  /** Remembers during an outage (`onOutage: allowReplays`). Undefined: proofs are refused then. */
  readonly meanwhile?: UsedProofs | undefined;
  /** Unique among all processes, and short. */
  readonly name: string;
  /** Is told of each question when it ends. */
  readonly ended: (outcome: 'answered' | 'failed', seconds: number) => void;
}

/** Milliseconds that the clocks of two replicas may differ: the slower one accepts a proof for longer. */
const clockDifference = 30_000;
/** Three hundred years. An issuer can write any number as `exp`, and Redis refuses those that are no integer. */
const longest = 1e13;
/** Failures in a row after which the store is left alone for a second. */
const outages = 5;
const openFor = 1_000;
/** Failures of a store have nothing to do with who asks. */
const anyone = 'anyone';

/**
 * Remembers in the store which proofs were used, so that all replicas know. A check asks once: the store marks
 * the proof and says who did it first, in one command. The time to keep it is a duration, so the clock of the
 * server does not matter. The value tells our own mark from another one, if a command reaches the server twice.
 */
export class UsedInStore implements UsedProofs {
  readonly #options: UsedInStoreOptions;
  readonly #breaker = new Breaker({ limit: outages, openFor });
  #asked = 0;
  #failure: DependencyError | undefined;

  constructor(options: UsedInStoreOptions) {
    this.#options = options;
  }

  /** @throws DependencyError if the store does not answer, and nothing else may remember meanwhile */
  async use(once: SingleUse, owner: string, moment: Moment): Promise<boolean> {
    const { bulkhead, meanwhile } = this.#options;
    // Its token was accepted.
    const asker = { name: `owner ${owner}`, known: true };
    try {
      return await bulkhead.wait(asker, () => this.#ask(once, moment));
    } catch (error) {
      const isOutage = error instanceof DependencyError && error.reason === 'store_unavailable';
      if (!isOutage || !meanwhile) throw error;
      return meanwhile.use(once, owner, moment) satisfies Soon<boolean>;
    }
  }

  async #ask({ id, until }: SingleUse, { deadline }: Moment): Promise<boolean> {
    const { store, clock, timeout, name, ended } = this.#options;
    const now = clock();
    const rest = this.#breaker.wait(now, anyone);
    if (rest > 0)
      throw new DependencyError(
        'store_unavailable',
        `not asked at the moment: ${this.#failure?.message}`,
        Math.ceil(rest / 1_000),
      );
    const patience = Math.min(timeout, deadline - now);
    if (patience <= 0) throw new DependencyError('store_unavailable', 'no time left to ask the store', 1);
    const key = `${store.prefix}used:${id}`;
    const mark = `${name}${(this.#asked++).toString(36)}`;
    const keep = String(Math.ceil(Math.min(longest, Math.max(1, until - now) + clockDifference)));
    const attempt = this.#breaker.attempt(clock, anyone);
    const began = performance.now();
    try {
      const before = await store.send(key, ['SET', key, mark, 'NX', 'GET', 'PX', keep], patience);
      attempt.succeeded();
      ended('answered', (performance.now() - began) / 1_000);
      return before === null || before === mark;
    } catch (error) {
      // A check that had hardly any time left says nothing about the store.
      if (patience < timeout) attempt.undecided();
      else attempt.failed();
      ended('failed', (performance.now() - began) / 1_000);
      this.#failure = error as DependencyError;
      throw error;
    }
  }
}
