import { Denial } from '../denial.ts';

type Scalar = string | number | boolean;

/** A claim that a token must have: equal to one of the values, or a list that holds one of them. */
export interface ClaimRequirement {
  /** As written in the rule: a claim's name, or a JSON pointer (RFC 6901) where it starts with `/`. */
  readonly claim: string;
  readonly path: readonly string[];
  readonly values: readonly Scalar[];
}

/** The steps to a claim: `tenant`, or `/realm_access/roles`. */
export function claimPath(claim: string): readonly string[] {
  if (!claim.startsWith('/')) return [claim];
  return claim
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function checkClaims(
  required: readonly ClaimRequirement[],
  claims: Readonly<Record<string, unknown>>,
): Denial | undefined {
  for (const { claim, path, values } of required) {
    const value = claimAt(claims, path);
    const held = Array.isArray(value) ? value : [value];
    if (!values.some((wanted) => held.includes(wanted)))
      return new Denial('claim_mismatch', `${claim} is ${value === undefined ? 'absent' : 'another'}`);
  }
  return undefined;
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
