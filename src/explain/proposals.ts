import { type Amendment, amendText, unifiedDiff } from '../config/amend.ts';
import type { ConfigDraft } from '../config/draft.ts';
import { ConfigError } from '../config/problem.ts';
import type { Change } from './change.ts';
import { refusedIn } from './refused.ts';
import { remedies } from './remedies.ts';
import { sentenceOf } from './sentence.ts';
import { toldByTrial } from './told.ts';
import type { Trials, Tried } from './trials.ts';

/** Changes of the configuration with which the service's own check allows the request. */
export interface Proposal {
  readonly diff: string;
  /** What each change does, and what else it would allow. */
  readonly changes: readonly Pick<Change, 'what' | 'also'>[];
  /** The configuration with the changes, but for those in files of teams. */
  readonly text: string;
}

export interface Proposals {
  /** The first is the narrowest. */
  readonly found: readonly Proposal[];
  /** How far the most promising change leads, if no change leads to an allow. */
  readonly obstacle: { readonly what: string; readonly leadsTo: string } | undefined;
}

/** A request can have several flaws, and each needs a change. */
const mostChanges = 4;
const mostProposals = 2;
/** Each trial checks the configuration again. */
const mostTrials = 24;
/** Characters. To write a longer text takes so long that one proposal must do. */
const large = 200_000;

/** A configuration that still refuses, and the changes that led to it. */
interface Reached {
  readonly tried: Tried;
  readonly changes: readonly Change[];
}

/**
 * Looks for changes that let the request pass: first for one, then for two, and so on. Each is applied to the
 * configuration, and the request is judged again: what does not lead to an allow is not proposed, and its text
 * is not written.
 */
export async function proposeChanges(trials: Trials, first: Tried): Promise<Proposals> {
  const wanted = first.draft.text().length > large ? 1 : mostProposals;
  const found: Proposal[] = [];
  let obstacle: Proposals['obstacle'];
  let count = 0;
  let reached: readonly Reached[] = [{ tried: first, changes: [] }];
  while (found.length === 0 && reached.length > 0) {
    const further: Reached[] = [];
    for (const { tried, changes: before } of reached)
      for (const change of changesFor(tried)) {
        if (found.length >= wanted || count++ >= mostTrials) break;
        const next = await tryChange(trials, tried, change);
        if (!next || isAsBefore(next, tried)) continue;
        const changes = [...before, change];
        if (!refusedIn(next.decision)) found.push(proposalOf(first, next, changes));
        else if (changes.length < mostChanges) further.push({ tried: next, changes });
        obstacle ??= { what: change.what, leadsTo: sentenceOf(toldByTrial(next), next.loaded.config) };
      }
    reached = further;
  }
  return { found, obstacle: found.length > 0 ? undefined : obstacle };
}

/** An outage is nothing that a change could mend. */
function changesFor(tried: Tried): readonly Change[] {
  const refused = refusedIn(tried.decision);
  if (!refused || tried.decision.effect === 'unavailable') return [];
  return remedies[refused.reason].changes.flatMap((propose) => propose(tried));
}

function proposalOf(
  { draft: before, loaded }: Tried,
  { draft }: Tried,
  changes: readonly Change[],
): Proposal {
  const text = draft.text();
  const ofTeams = [...(draft.teams.texts ?? [])].map(([file, changed]) => {
    const team = loaded.teams.find((one) => one.file === file);
    return unifiedDiff(file, team?.text ?? '', changed);
  });
  const diff = [unifiedDiff(before.file, before.text(), text), ...ofTeams].join('');
  return { diff, text, changes: changes.map(({ what, also }) => ({ what, also })) };
}

/** Undefined if the result is not a configuration, or if the place is written in another way. */
async function tryChange(trials: Trials, tried: Tried, change: Change): Promise<Tried | undefined> {
  let changed: ConfigDraft;
  try {
    changed = amend(tried, change.amendments);
  } catch {
    return undefined;
  }
  try {
    return await trials.try(changed);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** A change of a team's rule is one of its own text. */
function amend({ draft, loaded }: Tried, amendments: readonly Amendment[]): ConfigDraft {
  const byTeam = Map.groupBy(amendments, ({ path: [first, at] }) =>
    first === 'teams' ? Number(at) : undefined,
  );
  let amended = draft;
  for (const [at, list] of byTeam) {
    const team = at === undefined ? undefined : loaded.teams[at];
    amended = team
      ? amended.amendTeam(team.file, amendText(team.text, list.map(withoutTeam)))
      : amended.amend(list);
  }
  return amended;
}

function withoutTeam(amendment: Amendment): Amendment {
  return { ...amendment, path: amendment.path.slice(2) };
}

function isAsBefore(next: Tried, before: Tried): boolean {
  const [now, then] = [refusedIn(next.decision), refusedIn(before.decision)];
  return now !== undefined && now.reason === then?.reason && now.detail === then.detail;
}
