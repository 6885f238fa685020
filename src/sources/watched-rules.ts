import { setTimeout as sleep } from 'node:timers/promises';
import { recordOf, textOf } from '../lib/json.ts';
import { RuleObjectStore } from './rule-object-store.ts';
import { type RuleObject, readRuleObject } from './rule-objects.ts';
import { Gone, type RuleObjectsApi } from './rule-objects-api.ts';

export interface WatchedRulesOptions {
  readonly api: Pick<RuleObjectsApi, 'list' | 'watch' | 'close'>;
  readonly clock: () => number;
  /** Called when a team has written, or an object is gone. It must not throw. */
  readonly onRules: () => void;
  /** Called when only the status of an object has changed. It must not throw. */
  readonly onStatus: (object: RuleObject) => void;
  /** Called after each failure, and after the first success that follows, for the log. */
  readonly report: (failure: string | undefined) => void;
  /** From 0 to 1. Replicas that lost the API server at once must not come back at once. */
  readonly random?: () => number;
  /** Milliseconds of the first pause after a failure; half a second by default. */
  readonly firstPause?: number;
}

const longestPause = 15_000;
/** Milliseconds. After a watch that ends sooner there is a pause, also without an error. */
const shortWatch = 1_000;

/**
 * The AuthorizationRules of a cluster, listed once and then watched. If the API server does not answer, the
 * last known objects stay. Their age is **not** limited. Nothing of an object is checked here.
 */
export class WatchedRules {
  readonly #options: WatchedRulesOptions;
  #store = new RuleObjectStore();
  /** The version from which to watch. Undefined: everything must be listed. */
  #from: string | undefined;
  #stopped = false;
  readonly #pausing = new AbortController();
  /** Since the last event, or the last watch that was not short. */
  #pauses = 0;
  /** When the API server was last heard, in milliseconds since the epoch. */
  heardAt: number | undefined;
  /** Whether everything was listed at least once. */
  isComplete = false;
  /** Why the last attempt failed. Undefined while all is well. */
  failure: string | undefined;
  failures = 0;
  lists = 0;

  constructor(options: WatchedRulesOptions) {
    this.#options = options;
  }

  /** All objects, the oldest first. */
  objects(): readonly RuleObject[] {
    return this.#store.list();
  }

  get(namespace: string, key: string): RuleObject | undefined {
    return this.#store.get(namespace, key);
  }

  /** Resolves after the first attempt to list. Goes on in the background until `stop`. Never rejects. */
  start(): Promise<void> {
    const tried = Promise.withResolvers<void>();
    void this.#run(tried.resolve);
    return tried.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#pausing.abort();
    this.#options.api.close();
  }

  async #run(onTried: () => void): Promise<void> {
    while (!this.#stopped) {
      try {
        if (this.#from === undefined) await this.#list();
        onTried();
        const began = performance.now();
        await this.#watch(this.#from ?? '');
        if (performance.now() - began >= shortWatch) {
          this.#pauses = 0;
          continue;
        }
      } catch (error) {
        onTried();
        if (this.#stopped) return;
        // That happens after an outage, and the list tells whether all is well.
        if (error instanceof Gone) this.#from = undefined;
        else this.#fail((error as Error).message);
      }
      await this.#pause();
    }
  }

  async #list(): Promise<void> {
    const store = new RuleObjectStore();
    let isNews = !this.isComplete;
    const from = await this.#options.api.list((value) => {
      const object = readRuleObject(value);
      if (object) store.put(object);
    });
    this.lists++;
    const before = this.#store.list();
    const now = store.list();
    isNews ||= before.length !== now.length || now.some((object, at) => isOther(object, before[at]));
    this.#store = store;
    this.#from = from;
    this.isComplete = true;
    this.#hear();
    if (isNews) this.#options.onRules();
    else for (const object of now) this.#options.onStatus(object);
  }

  async #watch(from: string): Promise<void> {
    await this.#options.api.watch(
      from,
      (type, value) => this.#take(type, value),
      () => this.#hear(),
    );
  }

  /** Never throws. */
  #take(type: string, value: unknown): void {
    this.#hear();
    this.#pauses = 0;
    const version = textOf(recordOf(recordOf(value).metadata).resourceVersion);
    if (version !== '' && this.#from !== undefined) this.#from = version;
    const object = type === 'BOOKMARK' ? undefined : readRuleObject(value);
    if (!object) return;
    const { onRules, onStatus } = this.#options;
    if (type === 'DELETED') {
      // The next watch begins with a list.
      if (this.#store.delete(object)) this.#from = undefined;
      onRules();
      return;
    }
    const before = this.#store.put(object);
    if (isOther(object, before)) onRules();
    else onStatus(object);
  }

  #hear(): void {
    this.heardAt = this.#options.clock();
    if (this.failure === undefined) return;
    this.failure = undefined;
    this.#options.report(undefined);
  }

  #fail(failure: string): void {
    this.failures++;
    this.failure = failure;
    this.#options.report(failure);
  }

  async #pause(): Promise<void> {
    const { firstPause = 500, random = Math.random } = this.#options;
    const pause = Math.min(firstPause * 2 ** this.#pauses++, longestPause);
    // Between half of it and all of it.
    const { signal } = this.#pausing;
    await sleep(pause * (1 + random()) * 0.5, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Whether a team has written. A new status is no new form. */
function isOther(object: RuleObject, before: RuleObject | undefined): boolean {
  return object.uid !== before?.uid || object.generation !== before.generation;
}
