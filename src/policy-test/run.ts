import type { Decision } from '../core/decision.ts';
import { challengeStyleOf } from '../http/settings.ts';
import { createTrial } from '../trial/trial.ts';
import type { Case } from './cases.ts';
import { compare, type Difference } from './compare.ts';
import type { Suite } from './load.ts';

/** A case and its decision. It passed if nothing differs. */
export interface CaseResult {
  readonly case: Case;
  readonly decision: Decision;
  readonly differences: readonly Difference[];
}

/** A file of tests after its run. */
export interface SuiteResult {
  readonly suite: Suite;
  readonly results: readonly CaseResult[];
}

/** Runs the tests of a file, each through the service's own check. Nothing is fetched. */
export async function runSuite(suite: Suite): Promise<SuiteResult> {
  const { config, now, cases } = suite;
  const trial = createTrial(config, now);
  const results: CaseResult[] = [];
  for (const one of cases) {
    const decision = await trial.decide(one.request);
    results.push({
      case: one,
      decision,
      differences: compare(one.expected, decision, challengeStyleOf(config.config)),
    });
  }
  return { suite, results };
}

/** The tests that failed. */
export function failuresOf({ results }: SuiteResult): readonly CaseResult[] {
  return results.filter(({ differences }) => differences.length > 0);
}
