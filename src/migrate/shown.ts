import { distance } from './nearest.ts';

/** A name with more changed characters than this is no slip of the pen, and may have a secret glued to it. */
const mostChanges = 2;

/**
 * As much of an unknown name as may be printed: all of it where it is nearly a known one; else no more than begins a known
 * one, because a value without its `=` stands in the name too (`--client-secretHUNTER2`).
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
