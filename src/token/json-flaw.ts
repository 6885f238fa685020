/** JSON nested deeper than this is refused. */
const maxDepth = 32;

/**
 * What keeps parsed JSON from being used as claims: depth, and texts that are no Unicode (a lone surrogate, which I-JSON
 * forbids, RFC 7493 §2.1), since two of them would become the same bytes in a header. Undefined where nothing does.
 */
export function flawOf(value: object, depth = maxDepth): string | undefined {
  if (depth === 0) return `is nested deeper than ${maxDepth}`;
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed() || (typeof member === 'string' && !member.isWellFormed()))
      return 'holds a text that is no Unicode';
    const flaw = typeof member === 'object' && member !== null ? flawOf(member, depth - 1) : undefined;
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}
