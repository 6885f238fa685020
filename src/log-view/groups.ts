import { visibleStart, visibleWord } from '../lib/visible.ts';
import { foldDetail } from './fold-detail.ts';
import { keptText } from './kept-text.ts';
import { formatCount } from './number.ts';
import type { Paint } from './paint.ts';
import { extend, type Period } from './period.ts';
import type { Summary } from './summary.ts';
import { causeOf, type Verdict, verdictOf, weightOf } from './verdict.ts';

/** The most groups. The lines of further groups are counted together. */
const mostGroups = 1_000;

interface Group extends Period {
  readonly verdict: Verdict;
  readonly cause: string;
  readonly rule: string;
  readonly detail: string;
  /** The ID of the first decision. */
  readonly example: string;
  count: number;
}

/** Groups lines by cause: verdict, reason, rule, and the detail without what differs between requests. */
export function createGroups(): Summary {
  const groups = new Map<string, Group>();
  const others: Period & { count: number } = { count: 0 };
  return {
    add(line) {
      const detail = foldDetail(line);
      const verdict = verdictOf(line);
      const cause = keptText(causeOf(line));
      const rule = keptText(line.rule ?? '-');
      const key = JSON.stringify([verdict, cause, rule, detail]);
      let group = groups.get(key);
      if (!group && groups.size < mostGroups) {
        group = { verdict, cause, rule, detail, example: keptText(line.decision_id ?? '-'), count: 0 };
        groups.set(key, group);
      }
      const counted = group ?? others;
      counted.count += weightOf(line);
      extend(counted, line);
    },
    show(paint) {
      const sorted = [...groups.values()].toSorted((a, b) => b.count - a.count);
      if (sorted.length === 0) return ['no decisions'];
      return [
        ...sorted.flatMap((group) => groupLines(group, paint)),
        ...(others.count > 0
          ? [`${countText(others.count)}  ${paint('dim', '(other)')}`, periodLine(others)]
          : []),
      ];
    },
  };
}

function groupLines(group: Group, paint: Paint): readonly string[] {
  const { verdict, cause, rule, detail, example, count } = group;
  const why = detail === '' ? '' : `: ${visibleStart(detail)}`;
  return [
    `${countText(count)}  ${verdict} ${paint('bold', visibleWord(cause))} rule=${visibleWord(rule)}${why}`,
    paint('dim', `${periodLine(group)}  for example ${visibleWord(example)}`),
  ];
}

function countText(count: number): string {
  return formatCount(count).padStart(10);
}

function periodLine({ first, last }: Period): string {
  return `${' '.repeat(12)}${first ?? '-'} to ${last ?? '-'}`;
}
