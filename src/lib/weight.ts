/** What is nested deeper than this takes too much, whatever it is: claims are never so deep (see `findJsonFlaw`). */
const maxDepth = 48;

/**
 * How much of the heap a value takes at the most, in bytes, on 64 bits: so that memories are bounded by what they hold.
 * Takes data as JSON makes it, and bytes. What is written short can take 40 times its length: `{"33":0}` has 350 bytes.
 * Stops counting beyond `most`. Measured by test/lib/weight.test.ts. Does **not** see through a class with private members, and
 * counts twice what stands in two places.
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

/** The same for an entry of a `Cache`: its key, and what the map itself needs for it. */
export function weightOfEntry(key: string, value: unknown): number {
  return entry + weightOf(key) + weightOf(value);
}

const slot = 8;
const textHead = 24;
const boxedNumber = 16;
const bytesHead = 200;
const listHead = 48;
const objectHead = 64;
/** A name that no other object has makes a shape of its own. */
const member = 112;
/** A name that is a number makes V8 set aside a place for each smaller one. */
const sparse = 272;
const entry = 192;
