import { paced } from '../operate/paced.ts';
import type { RuleCount } from '../operate/tally.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import { listRules } from '../serve/create-policy.ts';
import { combineRules } from './combine.ts';

/** Rules in one answer. */
const mostRules = 200;
/** Milliseconds between two collections of all counts. */
const every = 2_000;
/** Characters. */
const longestFilter = 200;

/** Rules as the console shows them, those with the most refusals first. */
export interface RulesView {
  readonly rules: readonly {
    /** Empty for checks that no rule covers. */
    readonly rule: string;
    readonly allowed: number;
    readonly refused: number;
    /** Empty without a refusal. */
    readonly reason: string;
    /** Milliseconds since the epoch. 0 if it was never hit. */
    readonly lastHit: number;
  }[];
  /** Rules that match the filter, also those that are left out. */
  readonly matching: number;
  /** Refusals of all rules by reason, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
}

/** Makes the function that reads the rules whose name holds a text. */
export function createRulesView(source: ConsoleSource): (filter: string) => Promise<RulesView> {
  const collect = paced(
    async () => rowsOf(source, combineRules(await source.views({ allRules: true }))),
    every,
  );
  return async (filter) => {
    const rows = await collect();
    const wanted = filter.slice(0, longestFilter).trim().toLowerCase();
    const matching = rows.filter(({ rule }) => rule.toLowerCase().includes(wanted));
    return {
      rules: matching.slice(0, mostRules).map((row) => {
        const { rule, allowed, refused, lastHit } = row;
        return { rule, allowed, refused, lastHit, reason: mostFrequent(row) };
      }),
      matching: matching.length,
      reasons: reasonsOf(rows),
    };
  };
}

/** All rules of the running configuration, and those that were counted before. */
function rowsOf({ loaded }: ConsoleSource, counts: readonly RuleCount[]): readonly RuleCount[] {
  const counted = new Set(counts.map(({ rule }) => rule));
  const unused = listRules(loaded().config)
    .filter(({ name }) => !counted.has(name))
    .map(({ name }) => ({ rule: name, allowed: 0, refused: 0, lastHit: 0, lastRefusal: 0, reasons: {} }));
  return [...counts.toSorted((a, b) => b.refused - a.refused || b.allowed - a.allowed), ...unused];
}

/** Empty without a refusal. */
export function mostFrequent({ reasons }: RuleCount): string {
  const [first] = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? '';
}

function reasonsOf(rows: readonly RuleCount[]): RulesView['reasons'] {
  const sums: Record<string, number> = {};
  for (const { reasons } of rows)
    for (const [reason, count] of Object.entries(reasons)) sums[reason] = (sums[reason] ?? 0) + count;
  return Object.entries(sums).toSorted(([, a], [, b]) => b - a);
}
