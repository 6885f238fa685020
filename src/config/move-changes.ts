import { diffArrays } from 'diff';

type Lines = readonly string[];

/** Lines of the original, and the number of lines of `before` that were made of them. */
interface Segment {
  readonly original: Lines;
  readonly count: number;
}

/**
 * Moves the changes from `before` to `after` to another text of the same lines, which may have other spaces
 * and line breaks. A line that did not change keeps the form that it has in `original`.
 * @param before the original, written in another layout
 * @param after the same layout, with changes
 */
export function moveChanges(original: string, before: string, after: string): string {
  const old = before.split('\n');
  const { isKept, inserted } = compare(old, after.split('\n'));
  const result: string[] = [];
  // A call with as many arguments as a long configuration has lines would fail.
  const add = (lines: Lines = []) => {
    for (const line of lines) result.push(line);
  };
  let at = 0;
  for (const { original: lines, count } of align(old, original.split('\n'))) {
    add(inserted.get(at));
    const places = Array.from({ length: count }, (_, index) => at + index);
    at += count;
    if (places.every((place, index) => isKept[place] && (index === 0 || !inserted.has(place)))) add(lines);
    else
      for (const [index, place] of places.entries()) {
        if (index > 0) add(inserted.get(place));
        if (isKept[place]) result.push(old[place] ?? '');
      }
  }
  add(inserted.get(at));
  return result.join('\n');
}

function compare(old: Lines, changed: Lines) {
  const isKept: boolean[] = [];
  const inserted = new Map<number, Lines>();
  for (const { value, added, removed } of diffArrays([...old], [...changed]))
    if (added) inserted.set(isKept.length, value);
    else for (const _ of value) isKept.push(!removed);
  return { isKept, inserted };
}

/** Which lines of the original each line of `old` was made of. Spaces do not matter. */
function align(old: Lines, own: Lines): Segment[] {
  const segments: Segment[] = [];
  let count = 0;
  let original: Lines = [];
  const end = () => {
    if (count > 0 || original.length > 0) segments.push({ original, count });
    count = 0;
    original = [];
  };
  const comparator = (one: string, other: string) => bare(one) === bare(other);
  for (const { value, added, removed } of diffArrays([...old], [...own], { comparator }))
    if (removed) count = value.length;
    else if (added) original = value;
    else {
      end();
      for (const line of value) segments.push({ original: [line], count: 1 });
    }
  end();
  return segments;
}

function bare(line: string): string {
  return line.replace(/\s+/g, '');
}
