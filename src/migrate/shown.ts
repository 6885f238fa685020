/** A name with more changes is not a typing error. It may have a secret attached to it. */
const mostChanges = 2;

/**
 * The part of an unknown name that may be printed: all of it if it is almost a known name, else only the
 * beginning that a known name has too. The rest may be a value whose `=` is missing
 * (`--client-secretHUNTER2`).
 */
export function shown(name: string, known: Iterable<string>): string {
  let longest = 0;
  for (const candidate of known) {
    if (isNear(name.toLowerCase(), candidate.toLowerCase())) return name;
    let same = 0;
    while (same < candidate.length && name[same] === candidate[same]) same++;
    longest = Math.max(longest, same);
  }
  return `${name.slice(0, longest)}…`;
}

/** Says that a name is not an option or variable of oauth2-proxy, and which name is the nearest. */
export function unknownName(name: string, known: Iterable<string>, what: string, dashes = ''): string {
  const names = [...known];
  return `${dashes}${shown(name, names)} is not ${what} of oauth2-proxy 7.15; the nearest is ${dashes}${nearest(name, names)}`;
}

function isNear(name: string, candidate: string): boolean {
  return Math.abs(candidate.length - name.length) <= mostChanges && distance(name, candidate) <= mostChanges;
}

/** The known name with the smallest edit distance. */
function nearest(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = distance(name.slice(0, 100), candidate);
    if (changes < least) [best, least] = [candidate, changes];
  }
  return best;
}

/** The Levenshtein distance: insertions, deletions and replacements. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, a] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, b] of [...to].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
}
