/**
 * Patterns for hosts, paths and SPIFFE IDs: lists of segments. `*` matches exactly one segment, and `**` any
 * number, also zero. A `*` inside a longer segment is an error, so a pattern never matches by prefix.
 */
import { Malformed } from './malformed.ts';

/** The segments of a well-formed pattern. */
export type Pattern = readonly string[];

/** Splits and checks a pattern. The caller has already normalized the literal segments. */
export function parsePattern(segments: readonly string[]): Pattern | Malformed {
  for (const [index, segment] of segments.entries()) {
    if (segment.includes('*') && segment !== '*' && segment !== '**')
      return new Malformed(
        `"${segment}": * must stand alone for one whole segment, ** for any number of them`,
      );
    if (segment === '**' && segments[index + 1] === '**') return new Malformed('** follows **');
  }
  return segments;
}

/** Whether the segments match the pattern. Takes time proportional to pattern × segments at most. */
export function matchesPattern(pattern: Pattern, segments: readonly string[]): boolean {
  // Greedy with one stored retry per **, as in classic glob matching: no recursion, no exponential case.
  let at = 0;
  let p = 0;
  let retryPattern = -1;
  let retryAt = -1;
  while (at < segments.length) {
    const part = pattern[p];
    if (part === '**') {
      retryPattern = p++;
      retryAt = at;
    } else if (part !== undefined && (part === '*' || part === segments[at])) {
      p++;
      at++;
    } else if (retryPattern >= 0) {
      p = retryPattern + 1;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '**') p++;
  return p === pattern.length;
}
