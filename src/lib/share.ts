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
  const known = new Map<string, object>();
  const numbers = new Map<unknown, number>();
  return share;

  function share<T>(value: T): T {
    if (typeof value === 'string') return (texts.get(value) ?? put(texts, value, value)) as T;
    if (Array.isArray(value)) return shareList(value) as T;
    return isPlain(value) ? (shareObject(value) as T) : value;
  }

  function shareList(list: readonly unknown[]): object {
    const members = list.map(share);
    const key = `[${members.map(numberOf).join()}`;
    return known.get(key) ?? put(known, key, members);
  }

  function shareObject(object: Readonly<Record<string, unknown>>): object {
    const members = { ...object };
    const parts: number[] = [];
    for (const name of Object.keys(members)) {
      members[name] = share(members[name]);
      parts.push(numberOf(name), numberOf(members[name]));
    }
    const key = `{${parts.join()}`;
    return known.get(key) ?? put(known, key, members);
  }

  /** Equal members have the same number, because they are shared before. */
  function numberOf(member: unknown): number {
    return numbers.get(member) ?? put(numbers, member, numbers.size);
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
