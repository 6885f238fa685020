import type { DecisionLine } from '../decision-lines/decision-line.ts';

/** How a decision is shown. A request that an observing rule let in would be denied by an enforcing one. */
export type Verdict = DecisionLine['effect'] | 'would-deny';

export function verdictOf({ effect, would_deny: wouldDeny }: DecisionLine): Verdict {
  return effect === 'allow' && wouldDeny !== undefined ? 'would-deny' : effect;
}

/** The reason of the decision, or of the denial that it would have been. */
export function causeOf({ reason, would_deny: wouldDeny }: DecisionLine): string {
  return wouldDeny ?? reason;
}

/** The number of decisions that a line stands for: the writer may leave out a share of the allows. */
export function weightOf({ sampled = 1 }: DecisionLine): number {
  return 1 / Math.max(sampled, 1e-6);
}
