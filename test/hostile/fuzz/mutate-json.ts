import fc from 'fast-check';
import { objectOf, oddJson, oddNames } from './odd.ts';

/** One change at the place that is the `at`-th of all places of a document, counted round and round. */
type Change = (value: unknown) => unknown;

type Holder = unknown[] | Record<string, unknown>;
const holds = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

interface Spot {
  readonly holder: Holder;
  readonly key: string;
}

/** Every place in a document that something stands at, in the order of writing. */
function spots(document: unknown): Spot[] {
  const found: Spot[] = [];
  const walk = (value: unknown, depth: number): void => {
    // What was put in may be nested deeper than a walk can follow.
    if (!holds(value) || depth > 40) return;
    for (const key of Object.keys(value)) {
      found.push({ holder: value, key });
      walk((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  walk(document, 0);
  return found;
}

function put(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

const change = (values: fc.Arbitrary<unknown>): fc.Arbitrary<{ at: number; edit: (spot: Spot) => void }> => {
  const replace = (to: Change) => (spot: Spot) =>
    put(spot.holder, spot.key, to((spot.holder as Record<string, unknown>)[spot.key]));
  return fc.record({
    at: fc.nat(),
    edit: fc.oneof(
      values.map((value) => replace(() => structuredClone(value))),
      fc.constant(({ holder, key }: Spot) => {
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
      }),
      fc.constant(replace((value) => [value])),
      fc.constant(replace((value) => [value, value])),
      fc.constant(replace((value) => ({ value }))),
      fc.constant(replace((value) => String(typeof value === 'object' ? JSON.stringify(value) : value))),
      fc.tuple(fc.constantFrom(...oddNames), values).map(([name, value]) => ({ holder }: Spot) => {
        if (Array.isArray(holder)) holder.push(structuredClone(value));
        else put(holder, name, structuredClone(value));
      }),
    ),
  });
};

/** Documents with some of their values exchanged, left out, wrapped, doubled or joined by odd ones. */
export function mutatedJson<Document>(
  base: fc.Arbitrary<Document>,
  { values = oddJson, most = 4 }: { values?: fc.Arbitrary<unknown>; most?: number } = {},
): fc.Arbitrary<unknown> {
  return fc.tuple(base, fc.array(change(values), { maxLength: most })).map(([document, changes]) => {
    const copy = objectOf([['document', structuredClone(document)]]);
    for (const { at, edit } of changes) {
      // The root stands first, so that it can be exchanged too.
      const all = spots(copy);
      const spot = all[at % all.length];
      if (spot) edit(spot);
    }
    return copy.document;
  });
}
