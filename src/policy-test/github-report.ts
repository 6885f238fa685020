import { githubCommand } from '../lib/github-command.ts';
import type { TestReport } from './report.ts';
import { type CaseResult, failuresOf } from './run.ts';
import { explainFailure, shown } from './shown.ts';
import { measureLines, summaryOf } from './text-report.ts';

/**
 * Workflow commands of GitHub, which shows each failure beside the line of its test. The other lines are for
 * people.
 */
export function githubReport({ suites, measures }: TestReport): string {
  return [
    ...suites.flatMap((suite) => [...failuresOf(suite).map(annotation), harmless(summaryOf(suite))]),
    ...measures.flatMap(measureLines).map(harmless),
  ].join('\n');
}

function annotation(result: CaseResult): string {
  const { file, line } = result.case.place();
  const rows = explainFailure(result).map(([what, row]) => `${what}: ${row}`);
  const place = { file: shown(file), line, title: shown(result.case.name) };
  return githubCommand('error', place, rows.join('\n'));
}

/** A line that begins with `::` would be a command. */
function harmless(line: string): string {
  return line.replace(/^(\s*)::/, '$1: :');
}
