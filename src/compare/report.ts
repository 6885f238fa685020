import type { Compared } from './compare.ts';
import { describeCaller, describeHeaders, describeRequest, describeVerdict, titles } from './describe.ts';
import type { ChangeKind, VerdictChange } from './finding.ts';
import { shapeOf } from './probes.ts';

/** Findings of one kind that are written out as text. */
const mostShown = 30;
const mostAlike = 3;

/** The comparison for a terminal. */
export function reportText(comparison: Compared): string {
  const { findings, undecided, leftOut, fresh } = comparison;
  const sections = (Object.keys(titles) as ChangeKind[]).flatMap((change) => {
    const own = findings.filter((finding) => finding.change === change);
    const more = own.length - mostShown;
    if (own.length === 0) return [];
    return [
      `${titles[change]}:`,
      ...own.slice(0, mostShown).map((finding) => describe(finding, comparison)),
      ...(more > 0 ? [`  … and ${more} more: --format json shows all`] : []),
      '',
    ];
  });
  const text = sections.join('\n');
  return [
    ...sections,
    ...listed('Not decided, and it can be a widening:', undecided),
    ...listed('Not looked at, because a bound was reached (--limit):', leftOut),
    ...(new RegExp(`\\b${fresh}\\b`).test(text)
      ? [`"${fresh}" stands for a name that no rule mentions.`]
      : []),
    summaryOf(comparison),
  ].join('\n');
}

/** One line with all counts. */
export function summaryOf({ findings, undecided, leftOut, judged }: Compared): string {
  const count = (change: ChangeKind) => findings.filter((finding) => finding.change === change).length;
  const parts = [
    `widening: ${count('widens')}`,
    `narrowing: ${count('narrows')}`,
    `other headers: ${count('identity')}`,
    `another rule: ${count('rule')}`,
    `not decided: ${undecided.length}`,
    ...(leftOut.length > 0 ? [`not looked at: ${leftOut.length}`] : []),
  ];
  return `${parts.join(', ')} (${judged} requests judged)`;
}

function describe(finding: VerdictChange, compared: Compared): string {
  const { sides } = compared;
  const { change, caller, verdicts, alike = [], provided } = finding;
  const [before, after] = verdicts;
  const others = alike
    .filter((probe, index) =>
      [finding.probe, ...alike.slice(0, index)].every(
        (one) => shapeOf(one, compared) !== shapeOf(probe, compared),
      ),
    )
    .slice(0, mostAlike)
    .map((probe) => describeRequest({ probe, caller: {} }));
  return [
    `  ${describeRequest(finding)}`,
    ...[
      ...describeCaller(caller, sides),
      ...(provided === undefined ? [] : [`provided that: ${provided}`]),
      `old: ${describeVerdict(before)}`,
      `new: ${describeVerdict(after)}`,
      ...(change === 'identity' ? describeHeaders(verdicts) : []),
      ...(others.length > 0 ? [`also: ${others.join(', ')}`] : []),
    ].map((line) => `      ${line}`),
  ].join('\n');
}

function listed(title: string, entries: readonly string[]): string[] {
  const more = entries.length - mostShown;
  if (entries.length === 0) return [];
  return [
    title,
    ...entries.slice(0, mostShown).map((entry) => `  ${entry}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    '',
  ];
}
