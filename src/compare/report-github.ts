import { rawRules } from '../config/cross-check-routes.ts';
import { parseDocument } from '../config/document.ts';
import { githubCommand } from '../lib/github-command.ts';
import { recordOf } from '../lib/json.ts';
import type { Compared } from './compare.ts';
import { describeCaller, describeRequest, describeVerdict, titles } from './describe.ts';
import type { ChangeKind, VerdictChange } from './finding.ts';
import { summaryOf } from './report.ts';
import type { Side } from './side.ts';

const levels: Readonly<Record<ChangeKind, string>> = {
  widens: 'error',
  narrows: 'warning',
  identity: 'warning',
  rule: 'notice',
};

/** The comparison as annotations of GitHub Actions, at the rules that decide. */
export function reportGithub(comparison: Compared): string {
  const { findings, undecided, leftOut, sides } = comparison;
  const places = sides.map(createPlaces);
  const file = sides[1].file;
  const line = (finding: VerdictChange) => {
    const [before, after] = finding.verdicts;
    return places[1]?.(after.rule) ?? places[1]?.(before.rule) ?? { file, line: 1 };
  };
  return [
    ...findings.map((finding) => {
      const place = line(finding);
      const { change, caller, verdicts } = finding;
      const [before, after] = verdicts.map(describeVerdict);
      const text = [
        describeRequest(finding),
        ...describeCaller(caller, sides),
        `old: ${before}`,
        `new: ${after}`,
      ];
      return annotation(levels[change], place, titles[change], text.join('\n'));
    }),
    ...undecided.map((text) => annotation('error', { file, line: 1 }, 'Not decided', text)),
    ...leftOut.map((text) => annotation('error', { file, line: 1 }, 'Not looked at', text)),
    summaryOf(comparison),
  ].join('\n');
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function createPlaces({ file, text }: Side): (rule: string | undefined) => Place | undefined {
  const { raw, problem } = parseDocument(text, file);
  const paths = new Map(rawRules(recordOf(raw)).map(({ name, path }) => [name, path]));
  return (rule) => {
    const path = rule === undefined ? undefined : paths.get(rule);
    return path && { file, line: problem(path, '').line };
  };
}

function annotation(level: string, { file, line }: Place, title: string, message: string): string {
  return githubCommand(level, { file, line, title }, message);
}
