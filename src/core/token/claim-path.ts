import type { JsonObject } from '../../lib/json.ts';
/** The steps to a claim, written as `tenant` or as a JSON pointer such as `/realm_access/roles`. */
export function claimPath(claim: string): readonly string[] {
  if (!claim.startsWith('/')) return [claim];
  return claim
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function claimAt(claims: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>(member, claims);
}

/** Reads own members only, so a claim called `constructor` is never an inherited one. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
