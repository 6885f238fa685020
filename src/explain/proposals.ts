import { amendText, unifiedDiff } from '../config/amend.ts';
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
  /** The configuration with the changes. */
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
/** Each trial reads the configuration again. */
const mostTrials = 24;

/**
 * Looks for changes that let the request pass. Each is applied to the text, and the request is judged again:
 * what does not lead to an allow is not proposed.
 */
export async function proposeChanges(trials: Trials, first: Tried): Promise<Proposals> {
  const found: Proposal[] = [];
  let obstacle: Proposals['obstacle'];
  let count = 0;

  /** Goes on from a configuration that still refuses. @returns whether a proposal was found */
  async function pursue(tried: Tried, before: readonly Change[]): Promise<boolean> {
    const refused = refusedIn(tried.decision);
    if (!refused || tried.decision.effect === 'unavailable') return false;
    for (const change of remedies[refused.reason].changes.flatMap((propose) => propose(tried))) {
      if (found.length >= mostProposals || count >= mostTrials) return false;
      count++;
      const next = await tryChange(trials, tried, change);
      if (!next || isAsBefore(next, tried)) continue;
      const changes = [...before, change];
      if (!refusedIn(next.decision)) {
        const { text } = next.loaded;
        const diff = unifiedDiff(first.loaded.file, first.loaded.text, text);
        found.push({ diff, text, changes: changes.map(({ what, also }) => ({ what, also })) });
        // With a flaw that came up later, one way is enough.
        if (before.length > 0) return true;
      } else if (changes.length < mostChanges) {
        obstacle ??= { what: change.what, leadsTo: sentenceOf(toldByTrial(next), next.loaded.config) };
        if ((await pursue(next, changes)) && before.length > 0) return true;
      }
    }
    return false;
  }

  await pursue(first, []);
  return { found, obstacle: found.length > 0 ? undefined : obstacle };
}

/** Undefined if the changed text is not a configuration, or if the place is written in another way. */
async function tryChange(trials: Trials, { loaded }: Tried, change: Change): Promise<Tried | undefined> {
  let text: string;
  try {
    text = amendText(loaded.text, change.amendments);
  } catch {
    return undefined;
  }
  try {
    return await trials.try(text);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function isAsBefore(next: Tried, before: Tried): boolean {
  const [now, then] = [refusedIn(next.decision), refusedIn(before.decision)];
  return now !== undefined && now.reason === then?.reason && now.detail === then.detail;
}
