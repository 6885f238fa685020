import type { Logger } from 'pino';
import { problemLine } from '../config/problem.ts';
import type { OwnerRules, OwnerState } from '../config/teams/admit.ts';
import { cut } from '../operate/json-line.ts';
import type { OwnedRules } from '../operate/states.ts';

/** The state of each owner as the metrics and `/readyz` show it. The first place of its rules counts. */
export function ownedRules(states: readonly OwnerState[]): readonly OwnedRules[] {
  const owners = new Map(states.toReversed().map((state) => [state.owner, state]));
  return [...owners.values()].reverse().map(({ owner, state, rules, problems }) => ({
    ...{ owner, state, rules },
    failure: problems.length > 0 ? problems.map(problemLine).join('\n') : undefined,
  }));
}

/** What is logged when the rules of a team come into a state. */
interface OwnerLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly text: (owner: string) => string;
}

const lines: Readonly<Record<OwnerRules, OwnerLine>> = {
  accepted: {
    level: 'info',
    event: 'owner_rules_accepted',
    text: (owner) => `the rules of ${owner} are accepted again`,
  },
  conflicted: {
    level: 'warn',
    event: 'owner_rules_conflicted',
    text: (owner) => `rules of other teams decide some requests of ${owner}`,
  },
  last_good: {
    level: 'error',
    event: 'owner_rules_refused',
    text: (owner) => `the rules of ${owner} are refused: the previous ones stay in use`,
  },
  left_out: {
    level: 'error',
    event: 'owner_rules_refused',
    text: (owner) => `the rules of ${owner} are refused: there are none of them`,
  },
};

/**
 * Makes the function that logs what changes about the rules of teams: each refusal and each conflict once, and
 * that they are mended. It says nothing about a team that is accepted and was never otherwise.
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
      const { level, event, text } = lines[state];
      log[level]({ event, owner, file, rules, ...(failure && { failure: cut(failure) }) }, text(owner));
    }
    before = now;
  };
}
