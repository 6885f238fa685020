/** The known name with the smallest edit distance. */
export function nearest(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = distance(name.slice(0, 100), candidate);
    if (changes < least) [best, least] = [candidate, changes];
  }
  return best;
}

/** The Levenshtein distance: insertions, deletions and replacements. */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, a] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, b] of [...to].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
}
