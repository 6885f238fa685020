import { longestLine } from '../decision-lines/decision-line.ts';
import { visibleWord } from '../lib/visible.ts';
import type { Tally } from '../log-view/tally.ts';
import type { LogObservation } from './observation.ts';
import type { NamedDraft } from './place-drafts.ts';
import type { Suggestion } from './suggest.ts';

/** What a person must know about a suggestion. */
export interface SuggestionReport {
  readonly rules: readonly RuleReport[];
  /** Numbers of lines, by the reason why they became no rule. */
  readonly not_proposed: Readonly<Record<string, number>>;
  readonly already_allowed: number;
  /** Lines about further observations. */
  readonly left_out: number;
  readonly notes: readonly string[];
}

interface RuleReport {
  readonly name: string;
  /** The rule that takes its requests now. */
  readonly before: string | undefined;
  readonly rule: object;
  /** The number of its lines. */
  readonly observations: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** The ID of a decision. */
  readonly example: string | undefined;
  readonly warnings: readonly string[];
}

export function reportOf(
  { drafts, allowed, notProposed }: Suggestion,
  leftOut: number,
  notes: readonly string[],
): SuggestionReport {
  const sorted = [...notProposed].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return {
    rules: drafts.map(reportRule),
    not_proposed: Object.fromEntries(sorted),
    already_allowed: allowed,
    left_out: leftOut,
    notes,
  };
}

function reportRule({ name, rule, before, observations, ...draft }: NamedDraft): RuleReport {
  const byTime = observations.toSorted(({ first: a = '~' }, { first: b = '~' }) =>
    a < b ? -1 : a > b ? 1 : 0,
  );
  return {
    ...{ name, before: before?.name, rule },
    observations: observations.reduce((sum, { count }) => sum + count, 0),
    first: byTime[0]?.first,
    last: observations
      .flatMap(({ last }) => last ?? [])
      .sort()
      .at(-1),
    example: byTime[0]?.example,
    warnings: warningsOf({ observations, ...draft }),
  };
}

function warningsOf({
  observations,
  isUnbound,
  general,
}: Pick<NamedDraft, 'observations' | 'isUnbound' | 'general'>) {
  return [
    ...(isUnbound
      ? [
          'nothing proved that the sender owns the token: the rule accepts a stolen one as well. A client that is registered under clients has a proof',
        ]
      : []),
    ...general.map(
      (path) =>
        `${path} stands for the seen paths (${pathsLike(path, observations)}), and allows every other value to every caller of the rule`,
    ),
  ];
}

function pathsLike(pattern: string, observations: readonly LogObservation[]): number {
  const form = pattern.split('/');
  const isLike = (path: string) => {
    const segments = path.split('/');
    return segments.length === form.length && form.every((part, at) => part === '*' || part === segments[at]);
  };
  return new Set(observations.map(({ request }) => request.path).filter(isLike)).size;
}

/** What is said about the reading of the log. */
export function readingNotes({ decisions, foreign, tooLong }: Tally): readonly string[] {
  return [
    ...(tooLong > 0 ? [`lines of more than ${longestLine} bytes that were left out: ${tooLong}`] : []),
    ...(decisions === 0 && foreign > 0
      ? [`lines that were read: ${foreign}; none is a decision of Peerproof`]
      : []),
  ];
}

/** The report for a person. */
export function reportLines(report: SuggestionReport): readonly string[] {
  const { rules, not_proposed: not, already_allowed: allowed, left_out: leftOut, notes } = report;
  return [
    ...rules.flatMap(ruleLines),
    ...(rules.length === 0 ? ['no rule is proposed'] : []),
    ...Object.entries(not).map(([why, count]) => `not proposed: ${why} (${count})`),
    ...(allowed > 0 ? [`the configuration already allows what these lines show (${allowed})`] : []),
    ...(leftOut > 0
      ? [
          `too many different observations: --limit raises the bound, and these lines were left out (${leftOut})`,
        ]
      : []),
    ...notes,
  ];
}

function ruleLines({ name, before, observations, first, last, example, warnings }: RuleReport) {
  const place = before === undefined ? '' : `, before the rule ${before}`;
  return [
    `${name}${place}: seen ${observations} ${observations === 1 ? 'time' : 'times'} from ${first ?? '-'} to ${last ?? '-'}, for example ${visibleWord(example ?? '-')}`,
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}
