/**
 * Collects items, and handles them together at the end of this turn of the event loop. An item alone waits for nothing. Two
 * things are cheaper in this way. A write that wakes a sleeping proxy costs more than the check itself, and several in a row
 * wake it once. And if a step is done for all items before the next step begins, its code is still in the cache of the
 * processor (Larus and Parkes: Using Cohort Scheduling to Enhance Server Performance, 2002).
 */
export class EndOfTurn<T> {
  readonly #handle: (items: readonly T[]) => void;
  readonly #most: number;
  #items: T[] = [];
  #isPlanned = false;

  /**
   * @param handle must not throw
   * @param most so many items are handled at once, without waiting for the end of the turn
   */
  constructor(handle: (items: readonly T[]) => void, most: number = Number.POSITIVE_INFINITY) {
    this.#handle = handle;
    this.#most = most;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= this.#most) this.#flush();
    else if (!this.#isPlanned) {
      this.#isPlanned = true;
      setImmediate(() => {
        this.#isPlanned = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.#handle(items);
  }
}
