/** JSON nested deeper than this is refused. */
const maxDepth = 32;

/**
 * What keeps parsed JSON from being used as claims: depth, and texts that are no Unicode (a lone surrogate, which I-JSON
 * forbids, RFC 7493 §2.1), since two of them would become the same bytes in a header. Undefined where nothing does.
 */
export function findJsonFlaw(value: object, depth = maxDepth): string | undefined {
  if (depth === 0) return `is nested deeper than ${maxDepth}`;
  // Thousands of members and lists are possible: no pairs are made of them.
  if (Array.isArray(value)) {
    for (const member of value) {
      const flaw = findMemberFlaw(member, depth);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const flaw = key.isWellFormed()
      ? findMemberFlaw((value as Record<string, unknown>)[key], depth)
      : 'holds a text that is no Unicode';
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function findMemberFlaw(member: unknown, depth: number): string | undefined {
  if (typeof member === 'string')
    return member.isWellFormed() ? undefined : 'holds a text that is no Unicode';
  return typeof member === 'object' && member !== null ? findJsonFlaw(member, depth - 1) : undefined;
}
