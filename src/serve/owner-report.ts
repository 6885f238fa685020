import type { Logger } from 'pino';
import { problemLine } from '../config/problem.ts';
import type { OwnerRules, OwnerState } from '../config/teams/admit.ts';
import { cut } from '../operate/json-line.ts';
import type { OwnedRules } from '../operate/states.ts';

/** Problems of one owner that are shown: with all of them, an answer about many owners would be long. */
const mostShown = 3;
/** The text of each state is made once, because everybody may ask for it. */
const shownOf = new WeakMap<OwnerState, string>();

function failureOf(state: OwnerState): string | undefined {
  const { problems } = state;
  if (problems.length === 0) return undefined;
  const known = shownOf.get(state);
  if (known !== undefined) return known;
  const more = problems.length - mostShown;
  const lines = [...problems.slice(0, mostShown).map(problemLine), ...(more > 0 ? [`and ${more} more`] : [])];
  const text = lines.join('\n');
  shownOf.set(state, text);
  return text;
}

/** The state of each owner as the metrics and `/readyz` show it. The first place of its rules counts. */
export function ownedRules(states: readonly OwnerState[]): readonly OwnedRules[] {
  const owners = new Map(states.toReversed().map((state) => [state.owner, state]));
  return [...owners.values()].reverse().map((one) => {
    const { owner, state, rules } = one;
    return { owner, state, rules, failure: failureOf(one) };
  });
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
