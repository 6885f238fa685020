import { harmless } from '../operate/json-line.ts';
import { describeRequest } from './cases.ts';
import { observedReason } from './compare.ts';
import type { TestReport } from './report.ts';
import type { CaseResult } from './run.ts';

/** For programs: one JSON document. A test that failed has its place. */
export function jsonReport({ suites, measures }: TestReport): string {
  const files = suites.map(({ suite, results }) => ({ file: suite.file, tests: results.map(testOf) }));
  return harmless(JSON.stringify({ files, configurations: measures }, null, 2));
}

function testOf({ case: { name, request, from, place }, decision, differences }: CaseResult) {
  const passed = differences.length === 0;
  return {
    name,
    passed,
    ...(!passed && { line: place().line, differences }),
    request: describeRequest(request),
    from,
    effect: decision.effect,
    reason: decision.reason,
    wouldDeny: observedReason(decision),
    rule: decision.found.rule?.name,
    detail: 'detail' in decision ? decision.detail : undefined,
  };
}
