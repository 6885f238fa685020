import type { Evidence } from '../core/evidence.ts';
import type { ChallengeStyle } from '../core/refusal.ts';
import { challengeStyleOf } from '../http/settings.ts';
import { listRules } from '../serve/create-policy.ts';
import type { Judge } from '../trial/judge.ts';
import { createTrial, type Trial } from '../trial/trial.ts';
import { compare } from './compare.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import type { CaseResult, SuiteResult } from './run.ts';

/** How many mutants the tests noticed, and those that they did not notice. */
export interface Mutation {
  readonly mutants: number;
  readonly unnoticed: readonly Pick<Mutant, 'rule' | 'change'>[];
}

/** A test that is ready to be judged again. */
interface Probe {
  readonly trial: Trial;
  readonly evidence: Evidence;
  readonly result: CaseResult;
  readonly style: ChallengeStyle;
}

/**
 * Changes one thing of the rules at a time, and looks whether a test fails. Every test must have passed
 * before, and the suites must test the same configuration. A mutant ends at the first test that fails.
 * @param onMutant told of each mutant, with how many there were until then
 */
export async function mutate(
  suites: readonly SuiteResult[],
  onMutant: (mutants: number) => void = () => undefined,
): Promise<Mutation> {
  const config = suites[0]?.suite.config.config;
  const probes = (await Promise.all(suites.map(createProbes))).flat();
  const unnoticed: Pick<Mutant, 'rule' | 'change'>[] = [];
  const trials = [...new Set(probes.map(({ trial }) => trial))];
  const nearest = nearestTo(probes);
  let mutants = 0;
  for (const { rule, change, rules, routesAsBefore } of config
    ? mutantsOf(listRules(config), Object.keys(config.issuers))
    : []) {
    onMutant(++mutants);
    const judges = new Map(trials.map((trial) => [trial, trial.judgeRules(rules)]));
    const sorted = nearest(rule);
    const concerned = routesAsBefore ? sorted.filter((probe) => reaches(probe, rule)) : sorted;
    if (!(await notices(concerned, judges))) unnoticed.push({ rule, change });
  }
  return { mutants, unnoticed };
}

async function notices(probes: readonly Probe[], judges: ReadonlyMap<Trial, Judge>): Promise<boolean> {
  for (const { trial, evidence, result, style } of probes) {
    const decision = await judges.get(trial)?.(evidence);
    if (decision && compare(result.case.expected, decision, style).length > 0) return true;
  }
  return false;
}

/** The probes that reach a rule come first: if it is changed, they are the likely ones to fail. */
function nearestTo(probes: readonly Probe[]): (rule: string) => readonly Probe[] {
  const sorted = new Map<string, readonly Probe[]>();
  return (rule) => {
    const known =
      sorted.get(rule) ?? probes.toSorted((a, b) => Number(reaches(b, rule)) - Number(reaches(a, rule)));
    // The mutants of one rule follow each other.
    sorted.clear();
    sorted.set(rule, known);
    return known;
  };
}

async function createProbes({ suite, results }: SuiteResult): Promise<readonly Probe[]> {
  const trial = createTrial(suite.config, suite.now);
  const style = challengeStyleOf(suite.config.config);
  return Promise.all(
    results.map(async (result) => ({
      trial,
      style,
      result,
      evidence: await trial.evidence(result.case.request),
    })),
  );
}

function reaches({ result }: Probe, rule: string): boolean {
  return result.decision.found.rule?.name === rule;
}
