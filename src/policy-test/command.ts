import { measureCoverage } from './coverage.ts';
import { junit } from './junit.ts';
import { loadSuite, type Suite } from './load.ts';
import { type Mutation, mutate } from './mutate.ts';
import type { Measure } from './report.ts';
import { type ReportFormat, reports } from './reports.ts';
import { failuresOf, runSuite, type SuiteResult } from './run.ts';

/** What `peerproof test` is asked to do. */
export interface TestOptions {
  readonly files: readonly string[];
  /** In place of the configurations that the files name. */
  readonly config: string | undefined;
  /** A file with objects of teams. */
  readonly objects?: string | undefined;
  /** Only tests whose names contain it. */
  readonly filter: string | undefined;
  readonly format: ReportFormat;
  readonly coverage: boolean;
  readonly mutate: boolean;
  /** The least share of changes that the tests must notice, in percent. */
  readonly minNoticed: number | undefined;
  /** Milliseconds since the epoch, for files that set no time. */
  readonly now: number;
  /** Told how many changes were tried. */
  readonly onMutant?: (mutants: number) => void;
}

/** What `peerproof test` prints, and its exit code. */
export interface TestOutcome {
  readonly output: string;
  readonly junit: string;
  readonly exitCode: 0 | 1 | 2;
}

/**
 * Runs files of policy tests. Everything is judged by the service's own check, and nothing is fetched.
 * @throws ConfigError if a file or a configuration cannot be used, before any test runs
 */
export async function runTests(options: TestOptions): Promise<TestOutcome> {
  const { files, config, objects, filter, format, minNoticed, now } = options;
  const loaded = files.map((file) => filtered(loadSuite(file, config, now, objects), filter));
  if (loaded.every(({ cases }) => cases.length === 0)) return nothingToDo(filter ?? '');
  const suites: SuiteResult[] = [];
  for (const suite of loaded) suites.push(await runSuite(suite));
  const measures = await measure(suites, options);
  const hasFailed = suites.some((suite) => failuresOf(suite).length > 0);
  const tooFew = measures.some(({ mutation }) => mutation && shareOf(mutation) < (minNoticed ?? 0));
  return {
    output: reports[format]({ suites, measures }),
    junit: junit(suites),
    exitCode: hasFailed || tooFew ? 1 : 0,
  };
}

function filtered(suite: Suite, filter: string | undefined): Suite {
  if (filter === undefined) return suite;
  return { ...suite, cases: suite.cases.filter(({ name }) => name.includes(filter)) };
}

/** A filter with a typing error must not look like a success. */
function nothingToDo(filter: string): TestOutcome {
  return { output: `no test has a name with ${JSON.stringify(filter)}`, junit: junit([]), exitCode: 2 };
}

/** Files with the same configuration are measured together. */
async function measure(
  suites: readonly SuiteResult[],
  { coverage, mutate: mutates, onMutant }: TestOptions,
): Promise<readonly Measure[]> {
  if (!coverage && !mutates) return [];
  const groups = Map.groupBy(suites, ({ suite }) => suite.config.file);
  const measures: Measure[] = [];
  for (const [file, together] of groups) {
    const passed = together.every((suite) => failuresOf(suite).length === 0);
    measures.push({
      file,
      coverage: coverage ? measureCoverage(together) : undefined,
      mutation: mutates && passed ? await mutate(together, onMutant) : undefined,
    });
  }
  return measures;
}

/** In percent. */
function shareOf({ mutants, unnoticed }: Mutation): number {
  return mutants === 0 ? 100 : (100 * (mutants - unnoticed.length)) / mutants;
}
