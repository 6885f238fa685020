import { githubReport } from './github-report.ts';
import { jsonReport } from './json-report.ts';
import type { TestReport } from './report.ts';
import { textReport } from './text-report.ts';

/** How results are written: one row for each format. */
export const reports = {
  text: textReport,
  json: jsonReport,
  github: githubReport,
} as const satisfies Record<string, (report: TestReport) => string>;

export type ReportFormat = keyof typeof reports;
