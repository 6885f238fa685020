import { distance } from './nearest.ts';

/**
 * A name with more changed characters than this is not a typing error. It may have a secret attached to it.
 */
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

function isNear(name: string, candidate: string): boolean {
  return Math.abs(candidate.length - name.length) <= mostChanges && distance(name, candidate) <= mostChanges;
}
