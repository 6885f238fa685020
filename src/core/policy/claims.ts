import { excerpt, listed, valueText } from '../../lib/excerpt.ts';
import type { JsonObject } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import { claimAt } from '../token/claim-path.ts';

type Scalar = string | number | boolean;

/** A claim that the token must have: equal to one of the values, or a list that contains one of them. */
export interface ClaimRequirement {
  /** As written in the rule: the name of a claim, or a JSON pointer (RFC 6901) if it starts with `/`. */
  readonly claim: string;
  readonly path: readonly string[];
  readonly values: readonly Scalar[];
}

export function checkClaims(required: readonly ClaimRequirement[], claims: JsonObject): Denial | undefined {
  for (const { claim, path, values } of required) {
    const value = claimAt(claims, path);
    const held = Array.isArray(value) ? value : [value];
    if (values.some((wanted) => held.includes(wanted))) continue;
    const shown = listed(values.slice(0, 6).map((wanted) => valueText(wanted)));
    return new Denial('claim_mismatch', `${excerpt(claim)} is ${valueText(value)}; wanted: ${shown}`);
  }
  return undefined;
}
