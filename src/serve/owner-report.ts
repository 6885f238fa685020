import type { Logger } from 'pino';
import { problemLine } from '../config/problem.ts';
import type { OwnerState } from '../config/teams/admit.ts';
import { cut } from '../operate/json-line.ts';
import type { OwnedRules } from '../operate/states.ts';

/** The state of each owner as the metrics and `/readyz` show it. */
export function ownedRules(states: readonly OwnerState[]): readonly OwnedRules[] {
  return states.map(({ owner, state, rules, problems }) => ({
    ...{ owner, state, rules },
    failure: problems.length > 0 ? problems.map(problemLine).join('\n') : undefined,
  }));
}

/**
 * Logs what changes about the rules of teams: each refusal and each conflict once, and that they are mended.
 * Says nothing about a team that is accepted and was never otherwise.
 */
export function createOwnerReport(log: Logger): (states: readonly OwnerState[]) => void {
  let before = new Map<string, string>();
  return (states) => {
    const now = new Map<string, string>();
    for (const { owner, file, state, rules, problems } of states) {
      const failure = problems.map(problemLine).join('\n');
      const said = state === 'accepted' ? '' : `${state} ${failure}`;
      now.set(file, said);
      if (said === (before.get(file) ?? '')) continue;
      const [level, event, text] = lines[state];
      log[level]({ event, owner, file, rules, ...(failure && { failure: cut(failure) }) }, text(owner));
    }
    before = now;
  };
}

const lines: {
  readonly [State in OwnerState['state']]: readonly [
    level: 'info' | 'warn' | 'error',
    event: string,
    text: (owner: string) => string,
  ];
} = {
  accepted: ['info', 'owner_rules_accepted', (owner) => `the rules of ${owner} are accepted again`],
  conflicted: [
    'warn',
    'owner_rules_conflicted',
    (owner) => `rules of other teams decide some requests of ${owner}`,
  ],
  last_good: [
    'error',
    'owner_rules_refused',
    (owner) => `the rules of ${owner} are refused: the previous ones stay in use`,
  ],
  left_out: [
    'error',
    'owner_rules_refused',
    (owner) => `the rules of ${owner} are refused: requests to its workloads are denied`,
  ],
};
