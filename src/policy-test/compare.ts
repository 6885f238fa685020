import type { Decision } from '../core/decision.ts';
import { type RefusalReason, reasons } from '../core/reasons.ts';
import { type ChallengeStyle, createRefusal } from '../core/refusal.ts';
import type { Expectation } from './schema.ts';

/** One part of a decision that is not as expected. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly came: string;
}

/** Compares a decision with what a test expects. Says nothing of what the test leaves open. */
export function compare(
  expected: Expectation,
  decision: Decision,
  style: ChallengeStyle,
): readonly Difference[] {
  const { effect, reason, wouldDeny, rule, status, headers, without } = expected;
  const differences: Difference[] = [];
  const differs = (what: string, wanted: string | undefined, came: string) => {
    if (wanted !== undefined && wanted !== came) differences.push({ what, expected: wanted, came });
  };
  differs('effect', effect, decision.effect);
  differs('reason', reason, decision.reason);
  differs('wouldDeny', wouldDeny, observedReason(decision) ?? 'none');
  differs('rule', rule, decision.found.rule?.name ?? 'none');
  differs('status', status?.toString(), String(reasons[decision.reason].status));
  const names = Object.keys(headers);
  // A header of a decision that came out the other way is a consequence, and would only hide the cause.
  if (names.length + without.length === 0 || effect !== decision.effect) return differences;
  const added = new Map(headersOf(decision, style));
  for (const name of names)
    differs(`header ${name}`, headers[name], added.get(name.toLowerCase()) ?? 'not added');
  for (const name of without)
    differs(`header ${name}`, 'not added', added.get(name.toLowerCase()) ?? 'not added');
  return differences;
}

/** Why the request would be denied, if that is only observed. */
export function observedReason(decision: Decision): RefusalReason | undefined {
  return decision.reason === 'observed' ? decision.wouldDeny.reason : undefined;
}

/** Those that the application gets, or those of the answer to the client. */
function headersOf(
  decision: Decision,
  style: ChallengeStyle,
): readonly (readonly [name: string, value: string])[] {
  if (decision.effect === 'allow') return decision.identity.set;
  if (decision.effect === 'answer') return decision.answer.headers;
  return createRefusal(decision, { ...style, body: 'explained' }).headers;
}
