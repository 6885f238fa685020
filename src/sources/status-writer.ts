import { setTimeout as sleep } from 'node:timers/promises';
import type { RuleObject } from './rule-objects.ts';
import type { RuleObjectsApi } from './rule-objects-api.ts';

export interface StatusWriterOptions {
  readonly api: Pick<RuleObjectsApi, 'writeStatus'>;
  /** The object as it is known now. Undefined if it is gone. */
  readonly current: (object: RuleObject) => RuleObject | undefined;
  /** What its status must say. Undefined if it says so already. */
  readonly needed: (object: RuleObject) => object | undefined;
  /** Called after each failure, and after the first success that follows, for the log. */
  readonly report: (failure: string | undefined) => void;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Milliseconds. A replica waits up to this long, so that one of them writes and the others see it. */
  readonly spread?: number;
  /** Milliseconds between two writes. */
  readonly pace?: number;
}

/** Milliseconds until a status is written again that somebody else has changed. Doubled each time. */
const firstContest = 1_000;
const longestContest = 300_000;

/** A status that may have to be written. */
interface Due {
  readonly object: RuleObject;
  readonly at: number;
}

/**
 * Writes the status of objects, one after the other. All replicas do so, and all want to write the same. Each
 * waits for a random time and then looks again, so one of them writes and the others find it done. If two
 * write at once, the API server refuses the second, because the object has changed. There is no Lease: it
 * would need more rights, and a replica that holds it and hangs would leave the status as it is.
 *
 * Somebody who writes the status as well, such as a replica with another configuration during a roll-out,
 * makes it write less and less often.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #due = new Map<string, Due>();
  /** What was written last, and how often it was changed by somebody else. */
  readonly #written = new Map<string, { readonly text: string; readonly times: number }>();
  #running = false;
  #stopped = false;
  readonly #stopping = new AbortController();
  failure: string | undefined;
  writes = 0;
  failures = 0;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Looks at the status of an object soon. Never throws. */
  look(object: RuleObject): void {
    const needed = this.#options.needed(object);
    if (this.#stopped || needed === undefined) return;
    const { random = Math.random, spread = 500 } = this.#options;
    const { text, times = 0 } = this.#written.get(object.key) ?? {};
    const contested = text === textOf(needed) ? Math.min(firstContest * 2 ** times, longestContest) : 0;
    const at = performance.now() + contested + random() * spread;
    const known = this.#due.get(object.key);
    if (!known || at < known.at) this.#due.set(object.key, { object, at });
    if (!this.#running) void this.#run();
  }

  /** Forgets an object that is gone. */
  forget({ key }: RuleObject): void {
    this.#due.delete(key);
    this.#written.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    this.#stopping.abort();
    this.#due.clear();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#running = true;
    const { pace = 50 } = this.#options;
    while (this.#due.size > 0) {
      const next = [...this.#due.values()].reduce((one, other) => (other.at < one.at ? other : one));
      const wait = Math.max(next.at - performance.now(), pace);
      // An object whose time comes earlier may be added meanwhile.
      await this.#sleep(Math.min(wait, 200));
      if (this.#stopped) break;
      if (next.at > performance.now() || this.#due.get(next.object.key) !== next) continue;
      this.#due.delete(next.object.key);
      await this.#write(next.object);
    }
    this.#running = false;
  }

  async #write(seen: RuleObject): Promise<void> {
    const { api, current, needed, report } = this.#options;
    const object = current(seen);
    const status = object && needed(object);
    if (!object || !status) return;
    const text = textOf(status);
    const before = this.#written.get(object.key);
    try {
      const result = await api.writeStatus(object, status);
      if (result === 'written') {
        this.writes++;
        this.#written.set(object.key, { text, times: before?.text === text ? before.times + 1 : 0 });
      }
      // Otherwise the watch brings its new form, or that it is gone.
      if (this.failure !== undefined) report(undefined);
      this.failure = undefined;
    } catch (error) {
      if (this.#stopped) return;
      this.failures++;
      this.failure = (error as Error).message;
      report(this.failure);
      this.#due.set(object.key, { object, at: performance.now() + 5_000 });
      // The others would fail as well.
      await this.#sleep(1_000);
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Without the times of its conditions, which are new each time. */
function textOf(status: object): string {
  return JSON.stringify(status, (name, value) => (name === 'lastTransitionTime' ? undefined : value));
}
