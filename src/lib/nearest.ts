/** Characters of a name, and names of a list. Longer ones are not compared: the cost grows with both. */
const longest = 64;
const most = 1_000;

/**
 * The name that was probably meant: the one with the fewest edits, if these are few for its length. Case does
 * not count. Undefined if no name is near enough, or if there is more to compare than the bounds allow.
 */
export function nearest(written: string, names: readonly string[]): string | undefined {
  if (written.length > longest || names.length > most) return undefined;
  const sought = written.toLowerCase();
  let best: string | undefined;
  let fewest = allowedEdits(sought.length) + 1;
  for (const name of names) {
    if (name.length > longest || Math.abs(name.length - sought.length) >= fewest) continue;
    const edits = distance(sought, name.toLowerCase());
    if (edits < fewest && name !== written) [best, fewest] = [name, edits];
  }
  return best;
}

/** The end of a message: `; did you mean "scopes"?`, or nothing. */
export function didYouMean(written: string, names: readonly string[]): string {
  const name = nearest(written, names);
  return name === undefined ? '' : `; did you mean ${JSON.stringify(name)}?`;
}

/** Each compares a name with all others, and a team may write thousands of wrong names. */
const mostHints = 4;

/** The same for the first few names that are asked about. The others get no hint. */
export function fewHints(names: readonly string[]): (written: string) => string {
  let left = mostHints;
  return (written) => (left-- > 0 ? didYouMean(written, names) : '');
}

/** Two short names always differ by few letters, so they are not near. */
function allowedEdits(length: number): number {
  return length < 3 ? 0 : length < 6 ? 1 : length < 10 ? 2 : 3;
}

/**
 * How many letters are added, left out, replaced or swapped with their neighbour (Damerau-Levenshtein, where
 * a swapped pair is not edited again).
 */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const here = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const edits = [
        (above[column] ?? 0) + 1,
        (here[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      ];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits.push((before[column - 2] ?? 0) + 1);
      here.push(Math.min(...edits));
    }
    [before, above] = [above, here];
  }
  return above[b.length] ?? 0;
}
