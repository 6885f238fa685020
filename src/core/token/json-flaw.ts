/** The deepest nesting of JSON that is accepted. */
const maxDepth = 32;

/**
 * Why parsed JSON cannot be used as claims, or undefined. It may be nested too deeply, or contain invalid
 * Unicode (a lone surrogate, which I-JSON forbids, RFC 7493 §2.1): two of them could be the same bytes in a
 * header.
 */
export function findJsonFlaw(value: object, depth = maxDepth): string | undefined {
  if (depth === 0) return `is nested deeper than ${maxDepth}`;
  // There may be thousands of members, so no pairs are created for them.
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
      : 'contains a text that is not valid Unicode';
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function findMemberFlaw(member: unknown, depth: number): string | undefined {
  if (typeof member === 'string')
    return member.isWellFormed() ? undefined : 'contains a text that is not valid Unicode';
  return typeof member === 'object' && member !== null ? findJsonFlaw(member, depth - 1) : undefined;
}
