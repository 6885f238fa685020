import { type Asker, withoutReserve } from './bulkhead.ts';

interface Waiting {
  readonly asker: Asker;
  readonly start: () => void;
}

/**
 * Decides which question is asked next, if the slots are limited. A quarter of the slots is reserved for
 * tokens that were accepted lately. An asker may hold twice as many as are left. So one that floods has two
 * thirds, and others find a free slot at once. Other questions wait in the queue of their asker. The askers
 * take turns. Within a queue the newest is first, because the oldest has hardly any time left. The places of
 * the bulkhead bound the queues: for every queued question a check waits, or it was given up.
 */
export class Turns {
  /** The most questions under way. */
  readonly slots: number;
  #taken = 0;
  /** The slots that are taken for unknown tokens. */
  #unknown = 0;
  readonly #held = new Map<string, number>();
  readonly #queues = new Map<string, Waiting[]>();

  constructor(slots: number) {
    this.slots = slots;
  }

  /** Questions under way. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Calls `start` when it is this asker's turn, which may be at once.
   * @returns gives the slot back, or leaves the queue. Call it once, and not from `start`.
   */
  take(asker: Asker, start: () => void): () => void {
    const waiting: Waiting = { asker, start };
    const queue = this.#queues.get(asker.name);
    if (!queue && this.#mayStart(asker)) this.#start(waiting);
    else if (queue) queue.push(waiting);
    else this.#queues.set(asker.name, [waiting]);
    return () => {
      if (!this.#leave(waiting)) this.#stop(asker);
    };
  }

  #mayStart({ name, known }: Asker): boolean {
    const held = this.#held.get(name) ?? 0;
    if (held >= 2 * (this.slots - this.#taken)) return false;
    return known || held < 2 * (withoutReserve(this.slots) - this.#unknown);
  }

  #start({ asker: { name, known }, start }: Waiting): void {
    this.#taken++;
    if (!known) this.#unknown++;
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    start();
  }

  #stop({ name, known }: Asker): void {
    this.#taken--;
    if (!known) this.#unknown--;
    const rest = (this.#held.get(name) ?? 1) - 1;
    if (rest === 0) this.#held.delete(name);
    else this.#held.set(name, rest);
    this.#next();
  }

  /** An asker that had its turn goes behind the others. */
  #next(): void {
    for (const queue of this.#queues.values()) {
      if (this.#taken >= this.slots) return;
      const newest = queue.at(-1);
      if (!newest || !this.#mayStart(newest.asker)) continue;
      queue.pop();
      this.#queues.delete(newest.asker.name);
      if (queue.length > 0) this.#queues.set(newest.asker.name, queue);
      this.#start(newest);
    }
  }

  /** @returns whether the question was still queued */
  #leave(waiting: Waiting): boolean {
    const { name } = waiting.asker;
    const queue = this.#queues.get(name) ?? [];
    // The oldest questions give up first, so they are found soon.
    const at = queue.indexOf(waiting);
    if (at === -1) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(name);
    return true;
  }
}
