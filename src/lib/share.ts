import { put } from './put.ts';

/**
 * Makes a function that returns, for each value, the first equal one that it was given. Lists and plain
 * objects are equal if their members are, in the same order. Everything else is compared as the keys of a Map
 * are. Members are shared in the same way. So thousands of rules consist of few objects, which take less
 * memory and stay in the cache of the processor. Does **not** change what it is given, and nobody may change
 * what it returns. An object must not contain itself.
 */
export function createSharing(): <T>(value: T) => T {
  const texts = new Map<string, string>();
  /** By a number that equal ones have in common. A text for each object would take ten times the memory. */
  const known = new Map<number, object>();
  const numbers = new Map<unknown, number>();
  return share;

  function share<T>(value: T): T {
    if (typeof value === 'string') return (texts.get(value) ?? put(texts, value, value)) as T;
    if (Array.isArray(value)) return find(undefined, value.map(share)) as T;
    return isPlain(value) ? (find(Object.keys(value), Object.values(value).map(share)) as T) : value;
  }

  /** @param names undefined for a list */
  function find(names: readonly string[] | undefined, members: readonly unknown[]): object {
    const parts = [...(names ?? []), ...members].map(numberOf);
    let number = parts.reduce(mix, names ? 1 : 0);
    for (let one = known.get(number); one; one = known.get(++number))
      if (isMadeOf(one, names, members)) return one;
    const made = names ? Object.fromEntries(names.map((name, at) => [share(name), members[at]])) : members;
    return put(known, number, made);
  }

  /** Equal members have the same number, because they are shared before. */
  function numberOf(member: unknown): number {
    return numbers.get(member) ?? put(numbers, member, numbers.size);
  }
}

/** Of the hashes that FNV-1a is made of. */
function mix(hash: number, part: number): number {
  return Math.imul(hash ^ part, 16_777_619) >>> 0;
}

function isMadeOf(one: object, names: readonly string[] | undefined, members: readonly unknown[]): boolean {
  if (Array.isArray(one) !== (names === undefined)) return false;
  return isSame(Object.values(one), members) && (!names || isSame(Object.keys(one), names));
}

/** Compares the entries as the keys of a Map are. */
function isSame(list: readonly unknown[], other: readonly unknown[]): boolean {
  return list.length === other.length && list.every((entry, at) => [entry].includes(other[at]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
