import type { LimitState } from '../serve/console-source.ts';

/** A limit as the console shows it. */
export interface LimitView extends LimitState {
  readonly state: 'OK' | 'Near' | 'Reached';
}

/** The share of a limit from which it is near. */
const near = 0.8;

export function limitViews(limits: readonly LimitState[]): readonly LimitView[] {
  return limits.map((limit) => ({ ...limit, state: stateOf(limit) }));
}

function stateOf({ used, limit }: LimitState): LimitView['state'] {
  // A cache that is turned off has the limit 0.
  if (limit === undefined || limit === 0) return 'OK';
  return used >= limit ? 'Reached' : used >= near * limit ? 'Near' : 'OK';
}
