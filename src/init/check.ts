import { commandLine, inFlags } from '../config/flags.ts';
import { parseWithoutFiles } from '../config/load.ts';
import { ConfigError, type Problem } from '../config/problem.ts';
import type { FirstAnswers } from './answers.ts';
import { writeConfiguration } from './configuration.ts';

/** What is wrong with the answers, once for each flag. Nothing is fetched. */
export function checkAnswers(answers: FirstAnswers): readonly Problem[] {
  try {
    parseWithoutFiles(writeConfiguration(answers), commandLine);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = inFlags(error).problems.map((one) => ({ ...one, key: flagOf(one.key, answers) }));
    return problems.filter(({ key }, at) => problems.findIndex((one) => one.key === key) === at);
  }
}

/** Names that are made from the trust domain stand in other settings too. */
function flagOf(key: string, { workload }: FirstAnswers): string {
  const [setting = ''] = key.split(/[ .[]/, 1);
  if (setting.startsWith('--')) return setting;
  return setting === 'workloads' && workload !== undefined ? '--workload' : '--trust-domain';
}
