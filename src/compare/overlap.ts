import type { Pattern } from '../lib/pattern.ts';

/** The most patterns that the overlap of two can consist of. Only several `**` in both lead to more. */
const mostOverlaps = 64;

/**
 * The patterns that together match exactly what both patterns match. Empty if nothing matches both. Patterns
 * beyond the first 64 are left out.
 */
export function overlap(one: Pattern, other: Pattern): readonly Pattern[] {
  const found = new Map<string, Pattern>();
  meet([], one, other, found);
  return [...found.values()];
}

function meet(before: Pattern, one: Pattern, other: Pattern, found: Map<string, Pattern>): void {
  if (found.size >= mostOverlaps) return;
  const [a, ...restOfOne] = one;
  const [b, ...restOfOther] = other;
  if (a === undefined && b === undefined) found.set(before.join('/'), before);
  else if (a === '**' && b === '**') {
    // One of both takes at least as much as the other.
    const shared = before.at(-1) === '**' ? before : [...before, '**'];
    meet(shared, restOfOne, other, found);
    if (restOfOther.length > 0) meet(shared, one, restOfOther, found);
  } else if (a === '**') {
    meet(before, restOfOne, other, found);
    if (b !== undefined) meet([...before, b], one, restOfOther, found);
  } else if (b === '**') {
    meet(before, one, restOfOther, found);
    if (a !== undefined) meet([...before, a], restOfOne, other, found);
  } else if (a !== undefined && b !== undefined && (a === b || a === '*' || b === '*'))
    meet([...before, a === '*' ? b : a], restOfOne, restOfOther, found);
}

/** The most instances of one pattern. Only several `**` in it lead to more. */
const mostInstances = 48;

/**
 * Values that the pattern matches: each `*` becomes the fresh segment, and each `**` becomes one, none, two,
 * and up to `longest` + 1 of them. If the fresh segment stands in no other pattern, and none is longer than
 * `longest`, then another pattern matches an instance only if it matches all values of that length.
 */
export function instancesOf(pattern: Pattern, fresh: string, longest: number): readonly Pattern[] {
  const counts = [1, 0, ...Array.from({ length: Math.max(1, longest) }, (_, index) => index + 2)];
  let instances: readonly Pattern[] = [[]];
  for (const segment of pattern) {
    const parts =
      segment === '**'
        ? counts.map((count) => Array.from({ length: count }, () => fresh))
        : [[segment === '*' ? fresh : segment]];
    instances = parts.flatMap((part) => instances.map((one) => [...one, ...part])).slice(0, mostInstances);
  }
  return instances;
}
