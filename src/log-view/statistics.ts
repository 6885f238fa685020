import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { visibleWord } from '../lib/visible.ts';
import { type Counts, createCounts } from './counts.ts';
import { formatMilliseconds } from './milliseconds.ts';
import { formatCount, formatShare } from './number.ts';
import type { Paint } from './paint.ts';
import { createPercentiles } from './percentiles.ts';
import { extend, type Period } from './period.ts';
import type { Summary } from './summary.ts';
import { causeOf, type Verdict, verdictOf, weightOf } from './verdict.ts';

/** The names that each list shows. */
const mostShown = 10;

const lists = {
  reasons: causeOf,
  rules: (line) => line.rule,
  peers: (line) => line.spiffe_id,
} as const satisfies Record<string, (line: DecisionLine) => string | undefined>;

const shares = [0.5, 0.9, 0.99];

/**
 * How many, how fast, and the most frequent reasons, rules and peers. A line of a sampled log counts for all
 * the lines that it stands for.
 */
export function createStatistics(): Summary {
  const period: Period = {};
  const verdicts = new Map<Verdict, number>([['allow', 0]]);
  const latency = createPercentiles();
  const counted = Object.entries(lists).map(([title, read]) => ({ title, read, counts: createCounts() }));
  let total = 0;
  return {
    add(line) {
      const weight = weightOf(line);
      const verdict = verdictOf(line);
      total += weight;
      extend(period, line);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + weight);
      if (line.duration_us !== undefined) latency.add(line.duration_us, weight);
      for (const { read, counts } of counted) {
        const name = read(line);
        if (name !== undefined) counts.add(name, weight);
      }
    },
    show(paint) {
      const shown = [...verdicts].map(([verdict, count]) => `${verdict} ${formatShare(count, total)}`);
      const times = shares.flatMap((share) => {
        const value = latency.at(share);
        return value === undefined ? [] : `p${share * 100} ${formatMilliseconds(value)} ms`;
      });
      return [
        `${formatCount(total)} decisions from ${period.first ?? '-'} to ${period.last ?? '-'}`,
        shown.join('  '),
        ...(times.length > 0 ? [`latency  ${times.join('  ')}`] : []),
        ...counted.flatMap(({ title, counts }) => listLines(title, counts, total, paint)),
      ];
    },
  };
}

function listLines(title: string, counts: Counts, total: number, paint: Paint): readonly string[] {
  const top = counts.top(mostShown);
  const rest = counts.rest(mostShown);
  if (top.length === 0) return [];
  const row = (count: number, name: string) =>
    `${formatCount(count).padStart(10)}  ${formatShare(count, total).padStart(7)}  ${name}`;
  return [
    '',
    paint('bold', title),
    ...top.map(([name, count]) => row(count, visibleWord(name))),
    ...(rest > 0 ? [row(rest, paint('dim', '(other)'))] : []),
  ];
}
