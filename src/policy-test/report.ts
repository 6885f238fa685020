import type { RuleCoverage } from './coverage.ts';
import type { Mutation } from './mutate.ts';
import type { SuiteResult } from './run.ts';

/** All results of one call of `peerproof test`. */
export interface TestReport {
  readonly suites: readonly SuiteResult[];
  /** What was asked about each configuration. */
  readonly measures: readonly Measure[];
}

export interface Measure {
  /** The configuration. */
  readonly file: string;
  readonly coverage: readonly RuleCoverage[] | undefined;
  /** Undefined also if a test fails: a mutant is noticed only by a test that passed before. */
  readonly mutation: Mutation | undefined;
}
