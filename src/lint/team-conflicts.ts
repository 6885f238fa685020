import { conflictText, findConflicts } from '../config/teams/conflicts.ts';
import { atOnce } from '../lib/in-turns.ts';
import type { Found, Subject } from './finding.ts';

/** Rules of a team that lose requests to a team before it. */
export function findTeamConflicts({ config: { teams = [] } }: Subject): readonly Found[] {
  const places = new Map(teams.map(({ owner }, at) => [owner, at]));
  return atOnce(findConflicts(teams)).map((conflict) => ({
    path: ['teams', places.get(conflict.owner) ?? 0, 'rules', conflict.at, 'match'],
    message: conflictText(conflict),
  }));
}
