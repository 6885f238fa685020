import { put } from './put.ts';

/**
 * Makes a function that returns, for each value, the first equal one that it was given. Lists and plain
 * objects are equal if their members are, in the same order. Everything else is compared as the keys of a Map
 * are. Members are shared in the same way. So thousands of rules consist of few objects, which take less
 * memory and stay in the cache of the processor. Does **not** change what it is given, and nobody may change
 * what it returns. An object must not contain itself.
 */
export function createSharing(): <T>(value: T) => T {
  /** By a number that equal ones have in common. A text for each object would take ten times the memory. */
  const objects = new Map<number, object>();
  /** Everything else, by its number. */
  const others: unknown[] = [];
  const numbers = new Map<unknown, number>();
  return <T>(value: T) => ofNumber(value, numberOf(value)) as T;

  /** Equal values have the same number. An object and something else may have the same number too. */
  function numberOf(value: unknown): number {
    if (Array.isArray(value)) return numberOfObject(undefined, value);
    if (isPlain(value)) return numberOfObject(Object.keys(value), Object.values(value));
    return numbers.get(value) ?? put(numbers, value, others.push(value) - 1);
  }

  function ofNumber(value: unknown, number: number): unknown {
    return Array.isArray(value) || isPlain(value) ? objects.get(number) : others[number];
  }

  /** @param names undefined for a list */
  function numberOfObject(names: readonly string[] | undefined, values: readonly unknown[]): number {
    let number = names ? names.map(numberOf).reduce(mix, 1) : 0;
    const members = values.map((value) => {
      const part = numberOf(value);
      number = mix(number, part);
      return ofNumber(value, part);
    });
    for (let one = objects.get(number); one; one = objects.get(++number))
      if (isMadeOf(one, names, members)) return number;
    const made = names ? Object.fromEntries(names.map((name, at) => [name, members[at]])) : members;
    objects.set(number, made);
    return number;
  }
}

/** Of the hashes that FNV-1a is made of. With 30 bits, V8 needs no object for a number. */
function mix(hash: number, part: number): number {
  return Math.imul(hash ^ part, 16_777_619) & 0x3fff_ffff;
}

function isMadeOf(one: object, names: readonly string[] | undefined, members: readonly unknown[]): boolean {
  if (Array.isArray(one) !== (names === undefined)) return false;
  return isSame(Object.values(one), members) && (!names || isSame(Object.keys(one), names));
}

/** The entries are shared, so equal ones are the same. */
function isSame(list: readonly unknown[], other: readonly unknown[]): boolean {
  return list.length === other.length && list.every((entry, at) => Object.is(entry, other[at]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
