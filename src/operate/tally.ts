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

/** Rules that are counted: twice as many as a large configuration has. */
const mostRows = 20_000;

/**
 * Counts checks by rule, for the console. The reasons come from a table, so there are few. The rules come from
 * the configuration, and each reload can bring other names: beyond the most, the rule that is counted for
 * longest is forgotten.
 */
export class RuleTally {
  readonly #rows = new Map<string, Row>();

  /** Called for each check. */
  count({ effect, reason, found }: Decision, now: number): void {
    // It is neither, and has no rule.
    if (effect === 'answer') return;
    const name = found.rule?.name ?? '';
    let row = this.#rows.get(name);
    if (!row) {
      row = { allowed: 0, refused: 0, lastHit: 0, lastRefusal: 0, reasons: {} };
      this.#rows.set(name, row);
      if (this.#rows.size > mostRows) this.#rows.delete(this.#rows.keys().next().value ?? '');
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
