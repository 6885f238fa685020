import { Denial } from '../denial.ts';

/** The token's issuer must be one that the rule names, where it names any. */
export function checkIssuers(required: readonly string[], issuer: string): Denial | undefined {
  if (required.length === 0 || required.includes(issuer)) return undefined;
  return new Denial('token_issuer_not_allowed', `the token is from ${issuer}`);
}
