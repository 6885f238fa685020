import { type CaseResult, failuresOf, type SuiteResult } from './run.ts';
import { describeDecision, explainFailure, placeOf, shown } from './shown.ts';

/** The results as JUnit XML, which most CI systems read: a suite for each file. */
export function junit(suites: readonly SuiteResult[]): string {
  const all = suites.reduce((sum, { results }) => sum + results.length, 0);
  const failed = suites.reduce((sum, suite) => sum + failuresOf(suite).length, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="peerproof" tests="${all}" failures="${failed}">`,
    ...suites.flatMap(suiteElement),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteElement(suite: SuiteResult): readonly string[] {
  const name = escaped(suite.suite.file);
  const { results } = suite;
  return [
    `  <testsuite name="${name}" tests="${results.length}" failures="${failuresOf(suite).length}">`,
    ...results.map((result) => caseElement(result, name)),
    '  </testsuite>',
  ];
}

function caseElement(result: CaseResult, suite: string): string {
  const { case: one, decision, differences } = result;
  const head = `    <testcase classname="${suite}" name="${escaped(one.name)}"`;
  if (differences.length === 0) return `${head}/>`;
  const rows = [['at', placeOf(one)], ...explainFailure(result)].map(([what, text]) => `${what}: ${text}`);
  const message = escaped(describeDecision(decision));
  return `${head}>\n      <failure message="${message}">${rows.map(escaped).join('\n')}</failure>\n    </testcase>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For text and for attributes. */
function escaped(text: string): string {
  return shown(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
