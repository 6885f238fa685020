import { keptText } from './kept-text.ts';

/** The most names that one list counts. The lines of further names are counted together. */
const mostNames = 1_000;

export interface Counts {
  add(name: string, weight: number): void;
  /** The most frequent names first. */
  top(most: number): readonly (readonly [name: string, count: number])[];
  /** The sum of what `top` leaves out. */
  rest(most: number): number;
}

/** Counts names, in bounded memory. The first names win, so a flood of new ones cannot push them out. */
export function createCounts(): Counts {
  const counts = new Map<string, number>();
  let total = 0;
  const top = (most: number) => [...counts].toSorted(([, a], [, b]) => b - a).slice(0, most);
  return {
    add(name, weight) {
      total += weight;
      const key = keptText(name);
      const count = counts.get(key);
      if (count !== undefined || counts.size < mostNames) counts.set(key, (count ?? 0) + weight);
    },
    top,
    rest: (most) => top(most).reduce((rest, [, count]) => rest - count, total),
  };
}
