import { type Asker, withoutReserve } from './bulkhead.ts';

interface Waiting {
  readonly asker: Asker;
  readonly start: () => void;
}

/**
 * Who asks next, where only so many may ask at a time. A quarter of the slots is kept for tokens that got a yes lately,
 * and an asker may hold twice as many as are left: one that floods has two thirds, and others find some free at once.
 * What finds none waits in the queue of its asker. The askers take turns; within one the newest is first, since the
 * oldest has hardly time left to hear the answer. The queues are bounded by the places of the bulkhead: for every
 * question in them a check waits, or it was given up.
 */
export class Turns {
  readonly #slots: number;
  #taken = 0;
  /** Of these, by tokens that nothing is known of. */
  #unknown = 0;
  readonly #held = new Map<string, number>();
  readonly #queues = new Map<string, Waiting[]>();

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Questions that are asked now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Calls `start` when it is this asker's turn, which may be at once.
   * @returns what gives the turn back, or up where it has not come; to be called once, and not by `start`
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
    if (held >= 2 * (this.#slots - this.#taken)) return false;
    return known || held < 2 * (withoutReserve(this.#slots) - this.#unknown);
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
      if (this.#taken >= this.#slots) return;
      const newest = queue.at(-1);
      if (!newest || !this.#mayStart(newest.asker)) continue;
      queue.pop();
      this.#queues.delete(newest.asker.name);
      if (queue.length > 0) this.#queues.set(newest.asker.name, queue);
      this.#start(newest);
    }
  }

  /** @returns whether it was still in its queue */
  #leave(waiting: Waiting): boolean {
    const { name } = waiting.asker;
    const queue = this.#queues.get(name) ?? [];
    // Those that give up are the oldest, so they are found soon.
    const at = queue.indexOf(waiting);
    if (at === -1) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(name);
    return true;
  }
}
