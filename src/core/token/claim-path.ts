/** The steps to a claim: `tenant`, or `/realm_access/roles`. */
export function claimPath(claim: string): readonly string[] {
  if (!claim.startsWith('/')) return [claim];
  return claim
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at the end of a path of `claimPath`; undefined where there is none. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  return path.reduce<unknown>(member, claims);
}

/** Own members only: a claim called `constructor` is a claim like any other, or absent. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
