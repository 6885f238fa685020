/**
 * A bounded memory of results: two generations of half the capacity each. What is asked for again moves to the young
 * generation; when that is full the old one is forgotten whole. Cheaper than an LRU list and as good here, where an
 * entry is either hot or never seen again.
 */
export class Cache<V> {
  readonly #half: number;
  readonly #weigh: (key: string, value: V) => number;
  #young = new Map<string, Entry<V>>();
  #old = new Map<string, Entry<V>>();
  #youngBytes = 0;
  #oldBytes = 0;

  /**
   * @param capacity the most bytes of all entries together; what takes more than half of it is not remembered
   * @param weigh the bytes of an entry, with its key: see `weightOfEntry`
   */
  constructor(capacity: number, weigh: (key: string, value: V) => number) {
    this.#half = Math.floor(capacity / 2);
    this.#weigh = weigh;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    // By the key that was kept: the caller's may be a piece of a long text, which would be kept with it.
    if (old !== undefined) this.#put(old);
    return old?.value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    const bytes = this.#weigh(key, value);
    if (bytes <= this.#half) this.#put({ key: ownCopy(key), value, bytes });
  }

  delete(key: string): void {
    this.#youngBytes -= this.#young.get(key)?.bytes ?? 0;
    this.#young.delete(key);
    this.#oldBytes -= this.#old.get(key)?.bytes ?? 0;
    this.#old.delete(key);
  }

  /** Entries. One that moved to the young generation counts twice until the old one is forgotten. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Of all entries, as they were weighed. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  #put(entry: Entry<V>): void {
    if (this.#youngBytes + entry.bytes > this.#half) {
      this.#old = this.#young;
      this.#oldBytes = this.#youngBytes;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(entry.key, entry);
    this.#youngBytes += entry.bytes;
  }
}

interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly bytes: number;
}

/** An engine may keep a piece of a text as a view of the whole (V8 11 does): a certificate would hold its 60 KiB of header. */
function ownCopy(text: string): string {
  const copy = Buffer.from(text).toString();
  return copy === text ? copy : text;
}
