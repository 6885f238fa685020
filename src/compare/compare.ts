import type { LoadedConfig } from '../config/load.ts';
import type { RuleConfig } from '../config/schema.ts';
import { Denial } from '../core/denial.ts';
import { type OnStep, stepping, untold } from '../lib/on-step.ts';
import { type Cell, findCells } from './cells.ts';
import { type ChangeKind, keyOf, type VerdictChange } from './finding.ts';
import { lookAtCell } from './look.ts';
import { shrink } from './shrink.ts';
import { createSide, type Side } from './side.ts';
import { createSpace } from './space.ts';
import { unjudgedChanges } from './unjudged.ts';
import { createJudgeBoth } from './verdict.ts';

export interface CompareOptions {
  /** Milliseconds since the epoch. Time stands still. */
  readonly now: number;
  /** How many requests may be judged. */
  readonly limit: number;
  readonly onStep?: OnStep;
}

/** How access differs between two configurations. */
export interface Compared {
  readonly sides: readonly [Side, Side];
  /** Widening first, then narrowing, identity headers and other rules. */
  readonly findings: readonly VerdictChange[];
  /** What was not decided. Each can be a widening. */
  readonly undecided: readonly string[];
  /** What was not looked at, because a bound was reached. */
  readonly leftOut: readonly string[];
  /** Requests that were judged. */
  readonly judged: number;
  /** Stands for a name that neither configuration mentions. */
  readonly fresh: string;
}

const order: readonly ChangeKind[] = ['widens', 'narrows', 'identity', 'rule'];

/**
 * Finds requests whose verdict changes from one configuration to the other. The rules of both are walked:
 * each pair of rules that decide about the same request is tried with callers that have exactly what one of
 * them requires. Keys, certificates and doors are **not** compared, but a change of them is undecided.
 */
export async function compare(
  before: LoadedConfig,
  after: LoadedConfig,
  { now, limit, onStep = untold }: CompareOptions,
): Promise<Compared> {
  const sides = [createSide(before, now), createSide(after, now)] as const;
  const space = createSpace(sides);
  const { cells, leftOut: uncompared } = findCells(...sides, space, onStep);
  const found = new Map<string, VerdictChange>();
  const undecided = new Set(unjudgedChanges(sides));
  const leftOut = [...uncompared];
  let judged = 0;
  const judge = createJudgeBoth(sides, ({ judge: check }) => check);
  const judgeUnconditionally = createJudgeBoth(sides, ({ trial, rules }) =>
    trial.judgeRules(rules.map(withoutCondition)),
  );
  const search = {
    ...{ sides, space, now, judge, judgeUnconditionally },
    record: (finding: VerdictChange) => {
      const key = keyOf(finding.change, finding.verdicts);
      const known = found.get(key);
      if (!known || sizeOf(finding) < sizeOf(known)) found.set(key, finding);
    },
    undecided: (text: string) => undecided.add(text),
    mayTry: () => ++judged <= limit,
  };
  for (const cell of stepping(cells, 'pairs of rules that decide the same requests', onStep))
    if (!(await lookAtCell(cell, search))) leftOut.push(nameOf(cell));
  const findings = await Promise.all(
    [...found.values()].map((finding) => (finding.provided === undefined ? shrink(finding, judge) : finding)),
  );
  return {
    ...{ sides, leftOut, judged: Math.min(judged, limit), fresh: space.fresh },
    findings: findings.toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change)),
    undecided: [...undecided],
  };
}

function sizeOf({ probe, caller }: VerdictChange): number {
  return JSON.stringify([probe, caller]).length;
}

function nameOf({ routes }: Cell): string {
  const [before, after] = routes.map((route) => (route instanceof Denial ? 'no rule' : route.rule.name));
  return before === after ? `${before}` : `${before} and ${after}`;
}

function withoutCondition(rule: RuleConfig): RuleConfig {
  return rule.require ? { ...rule, require: { ...rule.require, when: undefined } } : rule;
}
