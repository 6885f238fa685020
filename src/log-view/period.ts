import type { DecisionLine } from '../decision-lines/decision-line.ts';

/** The first and the last time of some lines. The lines may come in any order. */
export interface Period {
  first?: string;
  last?: string;
}

/** Makes the period longer if the line is outside of it. */
export function extend(period: Period, { time }: DecisionLine): void {
  if (time === undefined) return;
  // The times of the log all have one form, so the order of the texts is that of the times.
  if (period.first === undefined || time < period.first) period.first = time;
  if (period.last === undefined || time > period.last) period.last = time;
}
