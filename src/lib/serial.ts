const serials = new WeakMap<object, number>();
let last = 0;

/**
 * A number of this object, which no other one has or had. In place of the object it says later whether another
 * one is the same, and keeps nothing in memory.
 */
export function serialOf(object: object): number {
  const known = serials.get(object);
  if (known !== undefined) return known;
  serials.set(object, ++last);
  return last;
}
