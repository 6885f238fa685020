import type { Decision } from '../core/decision.ts';

/** The checks of one rule since the start of the process. */
export interface RuleCount {
  /** Empty for checks that no rule covers. */
  readonly rule: string;
  readonly allowed: number;
  readonly refused: number;
  /** Milliseconds since the epoch. */
  readonly lastHit: number;
  /** The same of the last refusal. 0 if there was none. */
  readonly lastRefusal: number;
  /** Refusals by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

interface Row {
  allowed: number;
  refused: number;
  lastHit: number;
  lastRefusal: number;
  readonly reasons: Record<string, number>;
}

/**
 * Counts checks by rule, for the console. The names of rules and reasons come from the configuration and a
 * table, so there are few.
 */
export class RuleTally {
  readonly #rows = new Map<string, Row>();

  /** Called for each check. */
  count({ effect, reason, found }: Decision, now: number): void {
    const name = found.rule?.name ?? '';
    let row = this.#rows.get(name);
    if (!row) {
      row = { allowed: 0, refused: 0, lastHit: 0, lastRefusal: 0, reasons: {} };
      this.#rows.set(name, row);
    }
    row.lastHit = now;
    if (effect === 'allow') row.allowed++;
    else {
      row.refused++;
      row.lastRefusal = now;
      row.reasons[reason] = (row.reasons[reason] ?? 0) + 1;
    }
  }

  read(): readonly RuleCount[] {
    return [...this.#rows].map(([rule, row]) => ({ rule, ...row }));
  }

  /** The rules with the most refusals first. Those without any are left out. */
  top(most: number): readonly RuleCount[] {
    const refusing = this.read().filter(({ refused }) => refused > 0);
    return refusing.toSorted((a, b) => b.refused - a.refused).slice(0, most);
  }
}
