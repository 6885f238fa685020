/**
 * Collects items, and handles all of them at the end of this turn of the event loop. Answers are sent this
 * way: a write that wakes a sleeping proxy costs more than the check itself, and several in a row wake it
 * once. An item alone waits for nothing.
 */
export class EndOfTurn<T> {
  readonly #handle: (item: T) => void;
  #items: T[] = [];

  /** @param handle must not throw */
  constructor(handle: (item: T) => void) {
    this.#handle = handle;
  }

  add(item: T): void {
    if (this.#items.length === 0) setImmediate(() => this.#flush());
    this.#items.push(item);
  }

  #flush(): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) this.#handle(item);
  }
}
