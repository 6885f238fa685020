import { Denial } from '../denial.ts';

/** Every scope of the rule must be in the token (RFC 6750 §3.1 `insufficient_scope`). Scopes have case. */
export function checkScopes(required: readonly string[], granted: readonly string[]): Denial | undefined {
  const missing = required.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return undefined;
  return new Denial('scope_missing', `missing: ${missing.join(' ')}`, required.join(' '));
}
