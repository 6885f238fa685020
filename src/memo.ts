/**
 * A bounded memory of results: two generations of half the capacity each. What is asked for again moves to the young
 * generation; when that is full the old one is forgotten whole. Cheaper than an LRU list and as good here, where an
 * entry is either hot or never seen again.
 */
export class Memo<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param capacity the most entries kept; below 2 nothing is remembered. */
  constructor(capacity: number) {
    this.#half = Math.floor(capacity / 2);
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#half === 0) return;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
