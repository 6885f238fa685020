import { parse } from 'yaml';
import type { LoadedConfig } from '../config/load.ts';
import type { RuleConfig } from '../config/schema.ts';
import { listOf, recordOf, textOf } from '../lib/json.ts';
import { listRules } from '../serve/create-policy.ts';
import type { TakingRule } from './before-rule.ts';

/** The rule that takes a request now, and where one before it would stand. */
export interface RuleInPlace extends TakingRule {
  readonly name: string;
  /** In `rules`, whose rules all come before the others. */
  readonly index: number;
}

/** The rules of a configuration by their full names. */
export interface RulesInPlace {
  readonly rules: ReadonlyMap<string, RuleInPlace>;
  /** Behind all `rules`. */
  readonly end: number;
  /** Whether a rule after `rules` asks for what the log does not show. */
  readonly hidesLater: boolean;
}

export function rulesInPlace({ config, text, teams }: LoadedConfig): RulesInPlace {
  const root = recordOf(parse(text));
  const end = config.rules.length;
  const owned = Object.entries(recordOf(root.workloads)).flatMap(([owner, workload]) =>
    listOf(recordOf(workload).rules).map(
      (rule) => [`${owner}/${textOf(recordOf(rule).name)}`, rule] as const,
    ),
  );
  const ofTeams = teams.flatMap(({ owner, text: ofTeam }) =>
    listOf(recordOf(parse(ofTeam)).rules).map(
      (rule) => [`${owner}/${textOf(recordOf(rule).name)}`, rule] as const,
    ),
  );
  const own = [...listOf(root.rules), ...listOf(root.lastRules)].map(
    (rule) => [textOf(recordOf(rule).name), rule] as const,
  );
  const written = new Map<string, unknown>([...own, ...owned, ...ofTeams]);
  const place = (rule: RuleConfig, at: number): RuleInPlace => ({
    ...{ rule, name: rule.name, index: Math.min(at, end) },
    written: recordOf(written.get(rule.name)),
  });
  const all = listRules(config);
  return {
    rules: new Map(all.map((rule, at) => [rule.name, place(rule, at)])),
    end,
    hidesLater: all.slice(end).some(isHidden),
  };
}

function isHidden({ match: { ports, context } }: RuleConfig): boolean {
  return ports.length > 0 || Object.keys(context).length > 0;
}
