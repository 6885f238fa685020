import { Malformed } from './malformed.ts';
import { ownCopy } from './own-copy.ts';

/**
 * A bounded cache of two generations, each with half the capacity. An entry that is read again moves to the
 * young generation. When that is full, the old one is dropped whole. This is cheaper than an LRU list, and as
 * good here: an entry is either hot or never read again.
 */
export class Cache<V> {
  readonly #half: number;
  readonly #weigh: (key: string, value: V) => number;
  #young = new Map<string, Entry<V>>();
  #old = new Map<string, Entry<V>>();
  #youngBytes = 0;
  #oldBytes = 0;
  /** How often `get` found an entry, and how often it found none. */
  hits = 0;
  misses = 0;

  /**
   * @param capacity the most bytes of all entries together; an entry with more than half of it is not cached
   * @param weigh the bytes of an entry with its key, see `weightOfEntry`
   */
  constructor(capacity: number, weigh: (key: string, value: V) => number) {
    this.#half = Math.floor(capacity / 2);
    this.#weigh = weigh;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.hits++;
      return young.value;
    }
    const old = this.#old.get(key);
    if (old === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    // Uses the stored key. The caller's may be a slice of a long text, which would stay in memory with it.
    this.#put(old);
    return old.value;
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

  /** The number of entries. One that moved to the young generation counts twice while the old one exists. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The most bytes of all entries together. */
  get capacity(): number {
    return 2 * this.#half;
  }

  /** The weight of all entries. */
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

/**
 * What `read` makes of a text, or what it made of the same text before. A malformed text is not cached.
 * `read` gets a copy, because its result may hold slices of it, and the text may be a slice of a whole
 * message.
 */
export function readOnce<V extends object>(
  cache: Cache<V>,
  text: string,
  read: (copy: string) => V | Malformed,
): V | Malformed {
  const known = cache.get(text);
  if (known) return known;
  const copy = ownCopy(text);
  const value = read(copy);
  if (!(value instanceof Malformed)) cache.set(copy, value);
  return value;
}

interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly bytes: number;
}
