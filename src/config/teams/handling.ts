import type { RuleObject } from '../../sources/rule-objects.ts';
import type { Problem } from '../problem.ts';
import { createTeamMemory, type OwnerState, type TeamMemory } from './admit.ts';

/** How broken texts of teams are treated. */
export interface TeamHandling {
  /** What earlier loads found out about them. */
  readonly memory: TeamMemory;
  /** They are left out, or their last good form is used. Otherwise they are problems like all others. */
  readonly leavesOut: boolean;
  /** Texts in place of those that are there, by file: changes that are tried. */
  readonly texts?: ReadonlyMap<string, string>;
  /** What they wrote at the API server, as it is known now. They count with `rulesFrom.kubernetes`. */
  readonly atApiServer: { objects: readonly RuleObject[] };
}

/** For a service, which goes on without the rules of a team. */
export function leavingOut(memory = createTeamMemory()): TeamHandling {
  return { memory, leavesOut: true, atApiServer: { objects: [] } };
}

/** For a command, which says what is wrong. */
export function refusing(memory = createTeamMemory()): TeamHandling {
  return { memory, leavesOut: false, atApiServer: { objects: [] } };
}

/** Why the present texts are refused. A conflict is no refusal. */
export function refusalsOf(owners: readonly OwnerState[]): readonly Problem[] {
  return owners.flatMap(({ state, problems }) =>
    state === 'left_out' || state === 'last_good' ? problems : [],
  );
}
