import type { RuleCoverage } from './coverage.ts';
import type { Mutation } from './mutate.ts';
import type { Measure, TestReport } from './report.ts';
import { type CaseResult, failuresOf, type SuiteResult } from './run.ts';
import { counted, explainFailure, placeOf, shown } from './shown.ts';

/** For people: the failures, a line for each file, and what was asked about the configurations. */
export function textReport({ suites, measures }: TestReport): string {
  return [
    ...suites.flatMap((suite) => [...failuresOf(suite).map(failureText), summaryOf(suite)]),
    ...measures.flatMap(measureLines),
  ].join('\n');
}

/** How many tests of a file passed. */
export function summaryOf(suite: SuiteResult): string {
  const failed = failuresOf(suite).length;
  const tests = counted(suite.results.length, 'test');
  return `${shown(suite.suite.file)}: ${tests}, ${failed === 0 ? 'all passed' : `${failed} failed`}`;
}

/** What was asked about a configuration, after an empty line. */
export function measureLines({ file, coverage, mutation }: Measure): readonly string[] {
  return [
    ...(coverage ? ['', `Coverage of ${shown(file)}`, ...coverageLines(coverage)] : []),
    ...(mutation ? ['', `Changes of ${shown(file)}`, ...mutationLines(mutation)] : []),
  ];
}

function failureText(result: CaseResult): string {
  const rows = explainFailure(result).map(([what, row]) => `  ${what.padEnd(8)}  ${row}`);
  return `${placeOf(result.case)}: failed: ${shown(result.case.name)}\n${rows.join('\n')}\n`;
}

function coverageLines(coverage: readonly RuleCoverage[]): readonly string[] {
  const width = Math.max(4, ...coverage.map(({ rule }) => rule.length));
  const row = (rule: string, allowed: string, denied: string, open: string) =>
    `  ${rule.padEnd(width)}  ${allowed.padStart(7)}  ${denied.padStart(6)}  ${open}`.trimEnd();
  return [
    row('rule', 'allowed', 'denied', 'requirements that deny in no test'),
    ...coverage.map(({ rule, allowed, denied, requirements }) => {
      const open = Object.entries(requirements).filter(([, isTested]) => !isTested);
      return row(rule, String(allowed), String(denied), open.map(([name]) => name).join(', '));
    }),
  ];
}

function mutationLines({ mutants, unnoticed }: Mutation): readonly string[] {
  return [
    ...unnoticed.map(({ rule, change }) => `  rule ${rule}: ${shown(change)} and no test would notice`),
    `  The tests notice ${mutants - unnoticed.length} of ${counted(mutants, 'change')}.`,
  ];
}
