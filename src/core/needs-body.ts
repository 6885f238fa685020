import { Denial } from './denial.ts';
import type { Evidence } from './evidence.ts';
import type { Policy } from './judgement.ts';
import { isOfClient } from './token/credential.ts';

/**
 * Whether the rule of a check reads the body of the request. A door that has to wait for the body asks first.
 * Decides nothing: `authorize` finds the rule again.
 */
export function needsBody(evidence: Evidence, { routes }: Pick<Policy, 'routes'>): boolean {
  if (evidence.flaw || !evidence.request) return false;
  const route = routes.match(evidence);
  return !(route instanceof Denial) && isOfClient(route.rule.credential);
}
