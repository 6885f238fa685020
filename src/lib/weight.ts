/** A value that is nested deeper weighs infinitely much. Claims are never so deep, see `findJsonFlaw`. */
const maxDepth = 48;

/**
 * The most bytes of heap that a JSON value or bytes take on 64 bits, so that caches are bounded by their
 * memory. A short text can take 40 times its length: `{"33":0}` has 350 bytes. Stops counting beyond `most`.
 * Measured by test/lib/weight.test.ts. Does **not** count private members, and counts a shared value twice.
 */
export function weightOf(value: unknown, most = Number.POSITIVE_INFINITY, depth = maxDepth): number {
  if (typeof value === 'string') return textHead + 2 * value.length;
  if (typeof value === 'number') return boxedNumber;
  if (typeof value !== 'object' || value === null) return 0;
  if (value instanceof Uint8Array) return bytesHead + value.byteLength;
  if (depth === 0) return Number.POSITIVE_INFINITY;
  let weight = 0;
  if (Array.isArray(value)) {
    weight = listHead + slot * value.length;
    for (let at = 0; at < value.length && weight <= most; at++)
      weight += weightOf(value[at], most - weight, depth - 1);
    return weight;
  }
  weight = objectHead;
  for (const name of Object.keys(value)) {
    if (weight > most) return weight;
    const first = name.charCodeAt(0);
    weight += member + textHead + 2 * name.length + (first >= 48 && first <= 57 ? sparse : 0);
    weight += weightOf((value as Record<string, unknown>)[name], most - weight, depth - 1);
  }
  return weight;
}

/** The same for an entry of a `Cache`, with its key and the memory of the map itself. */
export function weightOfEntry(key: string, value: unknown): number {
  return entry + weightOf(key) + weightOf(value);
}

const slot = 8;
const textHead = 24;
const boxedNumber = 16;
const bytesHead = 200;
const listHead = 48;
const objectHead = 64;
/** A name that other objects do not have creates a new shape. */
const member = 112;
/** For a name that is a number, V8 reserves a slot for each smaller number. */
const sparse = 272;
const entry = 192;
