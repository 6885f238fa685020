import type { Effort } from './contains.ts';
import type { Pattern } from './pattern.ts';

/**
 * Whether some list of segments matches both patterns. Exact as long as there is effort left; after that it
 * is false. Takes time proportional to the product of their lengths.
 */
export function overlaps(one: Pattern, other: Pattern, effort: Effort): boolean {
  effort.left -= (one.length + 1) * (other.length + 1);
  if (effort.left < 0) return false;
  // From the ends: whether the rests of both from here have a list in common.
  let below: readonly boolean[] = [];
  for (let i = one.length; i >= 0; i--) {
    const row: boolean[] = [];
    for (let j = other.length; j >= 0; j--) {
      const [a, b] = [one[i], other[j]];
      // A `**` ends here, or takes what the other one takes next.
      if (a === '**' || b === '**') row[j] = (below[j] ?? false) || (row[j + 1] ?? false);
      else if (a === undefined || b === undefined) row[j] = a === b;
      else row[j] = (a === b || a === '*' || b === '*') && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}
