import { isDeepStrictEqual } from 'node:util';
import type { RuleConfig } from '../config/schema.ts';
import type { Pattern } from '../lib/pattern.ts';

/**
 * Whether the order of two rules matters: some request fits both, and they differ in what they require. True
 * where that is not sure.
 */
export function orderMatters(one: RuleConfig, other: RuleConfig): boolean {
  const same = one.public === other.public && isDeepStrictEqual(one.require, other.require);
  return !same && canOverlap(one.match, other.match);
}

function canOverlap(one: RuleConfig['match'], other: RuleConfig['match']): boolean {
  if (one.protocol !== other.protocol) return false;
  const equal = <Value>(a: Value, b: Value) => a === b;
  return (
    listsMeet(one.methods, other.methods, equal) &&
    listsMeet(one.ports, other.ports, equal) &&
    listsMeet(one.hosts, other.hosts, (a, b) => a.tail === b.tail && patternsMeet(a.labels, b.labels)) &&
    listsMeet(one.paths, other.paths, patternsMeet) &&
    listsMeet(
      one.destinations,
      other.destinations,
      (a, b) => a.trustDomain === b.trustDomain && patternsMeet(a.path, b.path),
    ) &&
    Object.entries(one.context).every(([key, value]) => (other.context[key] ?? value) === value)
  );
}

/** An empty list covers everything. */
function listsMeet<Entry>(
  some: readonly Entry[],
  others: readonly Entry[],
  meet: (one: Entry, other: Entry) => boolean,
): boolean {
  if (some.length === 0 || others.length === 0) return true;
  return some.some((one) => others.some((other) => meet(one, other)));
}

/** Whether some text fits both patterns. Takes time proportional to the product of their lengths. */
export function patternsMeet(one: Pattern, other: Pattern): boolean {
  // `row[j]`: whether the first `i` parts of one can end where the first `j` parts of the other do.
  let row = [true, ...other.map((_, index) => other.slice(0, index + 1).every((part) => part === '**'))];
  for (const part of one) {
    const next = [part === '**' && row[0] === true];
    for (const [j, rival] of other.entries()) {
      const grows = part === '**' && (row[j + 1] === true || next[j] === true);
      const rivalGrows = rival === '**' && (next[j] === true || row[j + 1] === true);
      const meets = part === '*' || rival === '*' || part === rival;
      next.push(grows || rivalGrows || (meets && row[j] === true));
    }
    row = next;
  }
  return row.at(-1) === true;
}
