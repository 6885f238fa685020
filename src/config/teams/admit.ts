import { mapInSteps, type Steps } from '../../lib/in-turns.ts';
import { put } from '../../lib/put.ts';
import type { Problem } from '../problem.ts';
import { type AcceptedTeam, acceptTeam, type PlatformSettings } from './accept.ts';
import { conflictText, findConflicts } from './conflicts.ts';
import type { Reach } from './reach.ts';
import { readMany } from './read-many.ts';
import { findInTeam, type TeamText } from './team-text.ts';

/** What one team wants to rule by, before anything of it was checked. */
export interface TeamCandidate {
  readonly owner: string;
  /** Its file, or another name for messages. */
  readonly file: string;
  /** By what it is remembered. By default its file. */
  readonly id?: string | undefined;
  /** What it wrote, or why that cannot be read. */
  readonly text: string | Problem;
  /** As in `TeamText`. */
  readonly isSpec?: boolean | undefined;
  /** A text that was accepted before this process knew the team. */
  readonly lastGood?: string | undefined;
  /** What was delegated to it, or why nothing was. */
  readonly reach: Reach | Problem;
}

/** How the rules of a team are at work. */
export type OwnerRules = 'accepted' | 'conflicted' | 'last_good' | 'left_out';

export interface OwnerState {
  readonly owner: string;
  readonly file: string;
  /**
   * `conflicted`: other teams decide some of its requests. `last_good`: its present text is refused, and the one
   * before is at work. `left_out`: none of its rules is at work.
   */
  readonly state: OwnerRules;
  /** Rules at work. */
  readonly rules: number;
  /** Why its text is refused, or with whom it conflicts. */
  readonly problems: readonly Problem[];
}

/** A team whose rules are at work. */
export interface AdmittedTeam extends AcceptedTeam {
  readonly file: string;
  /** The text of these rules. After a refusal it is an older one. */
  readonly text: string;
}

export interface Admission {
  /** In the order in which they are tried. */
  readonly teams: readonly AdmittedTeam[];
  readonly states: readonly OwnerState[];
}

/**
 * What was found out about a text. It depends on the text, on `under` and on the settings of the platform. They
 * are compared and not hashed, because 200 teams are looked at for each change of one.
 */
interface Known {
  readonly text: string;
  readonly under: string;
  readonly settings: string;
  readonly outcome: AcceptedTeam | readonly Problem[];
}

/**
 * Remembers for each file or object what was found out about its text, so a change of one team does not check the
 * others again, and the last text that was accepted.
 */
export interface TeamMemory {
  readonly present: Map<string, Known>;
  readonly lastGood: Map<string, Known>;
  /** The same for the configuration in `shadow`. */
  shadow?: TeamMemory;
}

export function createTeamMemory(): TeamMemory {
  return { present: new Map(), lastGood: new Map() };
}

/**
 * Decides which rules of teams are at work. They are tried in the order of `candidates`. A text that is
 * refused leaves the last good one of its file at work, as far as that is still delegated. A team without one
 * is left out. Nothing of this concerns the other teams. Never throws.
 */
export function* admitTeams(
  candidates: readonly TeamCandidate[],
  platform: PlatformSettings,
  memory: TeamMemory,
): Steps<Admission> {
  const owners = new Map<string, string>();
  const decide = yield* createDecide(candidates, platform, memory);
  const judgeOne = (candidate: TeamCandidate) => {
    const first = owners.get(candidate.owner) ?? put(owners, candidate.owner, candidate.file);
    return first === candidate.file ? judge(candidate, decide, memory) : second(candidate, first);
  };
  const judged = yield* mapInSteps(candidates, judgeOne, 1);
  forget(memory, new Set(candidates.map(idOf)));
  const teams = judged.flatMap(({ team }) => team ?? []);
  const conflicts = Map.groupBy(yield* findConflicts(teams), ({ owner }) => owner);
  const stateOf = ({ candidate: { owner, file, isSpec }, team, problems }: Judged): OwnerState => {
    const problem = findInTeam({ file, text: team?.text ?? '', isSpec });
    const found = (team && conflicts.get(owner)) ?? [];
    const conflicting = found.map((one) => problem(['rules', one.at, 'match'], conflictText(one)));
    const state = !team
      ? 'left_out'
      : problems.length > 0
        ? 'last_good'
        : conflicting.length > 0
          ? 'conflicted'
          : 'accepted';
    return {
      ...{ owner, file, state },
      rules: team?.rules.length ?? 0,
      problems: [...problems, ...conflicting],
    };
  };
  return { teams, states: yield* mapInSteps(judged, stateOf, 1) };
}

/** An object that was made anew under the same name is another one. */
function idOf({ id, file }: TeamCandidate): string {
  return id ?? file;
}

interface Judged {
  readonly candidate: TeamCandidate;
  readonly team: AdmittedTeam | undefined;
  readonly problems: readonly Problem[];
}

/** Accepts a text, or returns what was known before if nothing has changed that it depends on. */
type Decide = (written: TeamText, reach: Reach, before: Known | undefined) => Known;

function* createDecide(
  candidates: readonly TeamCandidate[],
  platform: PlatformSettings,
  { present }: TeamMemory,
): Steps<Decide> {
  const settings = JSON.stringify(platform.settings);
  const underOf = ({ owner, file, isSpec }: TeamText, reach: Reach) =>
    JSON.stringify([owner, file, isSpec, reach]);
  const isKnown = (written: TeamText, under: string, known: Known | undefined) =>
    known?.text === written.text && known.under === under && known.settings === settings;
  const changed = candidates.flatMap((candidate) => {
    const { owner, file, text, isSpec, reach } = candidate;
    if (isSpec || typeof text !== 'string' || 'message' in reach) return [];
    const written = { owner, file, text };
    return isKnown(written, underOf(written, reach), present.get(idOf(candidate))) ? [] : [written];
  });
  const read = yield* readMany(changed);
  return (written, reach, before) => {
    const under = underOf(written, reach);
    if (before && isKnown(written, under, before)) return before;
    const { file, text } = written;
    const isChanged = changed.some((one) => one.file === file && one.text === text);
    const answer = isChanged ? read.get(file) : undefined;
    return { text, under, settings, outcome: acceptTeam(written, reach, platform, answer) };
  };
}

function judge(candidate: TeamCandidate, decide: Decide, memory: TeamMemory): Judged {
  const { owner, file, text, isSpec, reach, lastGood } = candidate;
  const id = idOf(candidate);
  if ('message' in reach) {
    // Who gets a delegation again does not get back what he wrote under an earlier one.
    memory.lastGood.delete(id);
    return { candidate, team: undefined, problems: [reach] };
  }
  let problems: readonly Problem[];
  if (typeof text === 'string') {
    const known = decide({ owner, file, text, isSpec }, reach, memory.present.get(id));
    memory.present.set(id, known);
    if (isAccepted(known.outcome)) {
      memory.lastGood.set(id, known);
      return { candidate, team: { ...known.outcome, file, text }, problems: [] };
    }
    problems = known.outcome;
  } else problems = [text];

  // It was good for what was delegated then.
  const before = memory.lastGood.get(id);
  const good = before?.text ?? lastGood;
  if (good === undefined) return { candidate, team: undefined, problems };
  const still = decide({ owner, file, text: good, isSpec }, reach, before);
  if (!isAccepted(still.outcome)) return { candidate, team: undefined, problems };
  memory.lastGood.set(id, still);
  return { candidate, team: { ...still.outcome, file, text: good }, problems };
}

function isAccepted(outcome: Known['outcome']): outcome is AcceptedTeam {
  return 'rules' in outcome;
}

/** A second text of one owner: the first one counts. */
function second(candidate: TeamCandidate, first: string): Judged {
  const { owner, file, isSpec } = candidate;
  const message = `is a second place for the rules of ${owner}: ${first} counts; move the rules there`;
  const place = isSpec ? { line: 0, key: 'metadata.namespace' } : { line: 1, key: 'owner' };
  return { candidate, team: undefined, problems: [{ file, ...place, message }] };
}

/** A file that is removed leaves nothing at work, also if it comes back broken. */
function forget({ present, lastGood }: TeamMemory, ids: ReadonlySet<string>): void {
  for (const known of [present, lastGood]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
}
