/** What people mistake in an issuer or an audience, and the text without it. */
const differences: readonly (readonly [what: string, without: (text: string) => string])[] = [
  ['in the final slash', (text) => (text.endsWith('/') ? text.slice(0, -1) : text)],
  ['in case', (text) => text.toLowerCase()],
  ['in the scheme', (text) => text.replace(/^https?:\/\//, '')],
];
/** A longer name is not compared. */
const longest = 512;

/**
 * The first known name that differs from this one in nothing that a reader would notice, and the difference.
 * For the log only: names are compared character by character.
 */
export function findLike(
  text: string,
  known: Iterable<string>,
): { readonly name: string; readonly difference: string } | undefined {
  if (text.length > longest) return undefined;
  for (const name of known) {
    for (const [difference, without] of differences)
      if (without(text) === without(name)) return { name, difference };
    const bare = (one: string) => differences.reduce((left, [, without]) => without(left), one);
    if (bare(text) === bare(name)) return { name, difference: 'in slash, case and scheme' };
  }
  return undefined;
}
