import type { RuleObject } from './rule-objects.ts';

/** Objects of one namespace that are kept. One counts, and the others learn from their status that they do not. */
const mostOfNamespace = 4;

/**
 * The objects of all namespaces, of each namespace the oldest. A team can create very many of them, and must
 * not take the memory of the service. Which objects are kept depends on nothing but the objects.
 */
export class RuleObjectStore {
  readonly #namespaces = new Map<string, RuleObject[]>();
  /** Namespaces with objects that were dropped. */
  readonly #crowded = new Set<string>();

  /** Adds an object, or replaces its earlier form. @returns the earlier form */
  put(object: RuleObject): RuleObject | undefined {
    const { namespace, key } = object;
    const list = this.#namespaces.get(namespace) ?? [];
    const before = list.find((one) => one.key === key);
    const all = oldestFirst([...list.filter((one) => one.key !== key), object]);
    if (all.length > mostOfNamespace) this.#crowded.add(namespace);
    this.#namespaces.set(namespace, all.slice(0, mostOfNamespace));
    return before;
  }

  /** @returns whether an object that was dropped may take its place: then all must be listed again */
  delete({ namespace, key }: RuleObject): boolean {
    const list = this.#namespaces.get(namespace) ?? [];
    const rest = list.filter((one) => one.key !== key);
    if (rest.length > 0) this.#namespaces.set(namespace, rest);
    else this.#namespaces.delete(namespace);
    return rest.length < list.length && this.#crowded.delete(namespace);
  }

  /** All objects, the oldest first. */
  list(): readonly RuleObject[] {
    return oldestFirst([...this.#namespaces.values()].flat());
  }

  get(namespace: string, key: string): RuleObject | undefined {
    return this.#namespaces.get(namespace)?.find((one) => one.key === key);
  }
}

export function oldestFirst(objects: readonly RuleObject[]): RuleObject[] {
  return objects.toSorted(byAge);
}

/** The API server gives the time in seconds, so the name decides between two of one second. */
function byAge(a: RuleObject, b: RuleObject): number {
  return compare(a.createdAt, b.createdAt) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
