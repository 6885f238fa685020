import { hash } from 'node:crypto';
import { excerpt } from '../../lib/excerpt.ts';
import { atOnce } from '../../lib/in-turns.ts';
import { isRecord, type JsonObject, listOf, recordOf } from '../../lib/json.ts';
import { createSharing } from '../../lib/share.ts';
import { misnamedIn } from '../condition-issuers.ts';
import { crossCheck } from '../cross-check.ts';
import { rawRulesOf } from '../cross-check-routes.ts';
import { type ConfigDocument, documentOf } from '../document.ts';
import { ConfigError, type Problem } from '../problem.ts';
import type { ReadingAnswer } from '../read-apart.ts';
import { readSchema } from '../read-schema.ts';
import type { Config, TeamRules } from '../schema.ts';
import type { Weakness } from '../weakness.ts';
import { findBeyond } from './beyond.ts';
import type { Reach } from './reach.ts';
import { teamSchema } from './team-schema.ts';
import { readTeamText, type TeamText } from './team-text.ts';

/** Settings of the platform that rules are checked against, as they were written and as they were read. */
export interface PlatformSettings {
  readonly settings: JsonObject;
  readonly issuers: Config['issuers'];
}

/** The rules of a team, within its reach. */
export interface AcceptedTeam extends TeamRules {
  /** Their paths begin with `rules`. */
  readonly weaknesses: readonly Weakness[];
  /** Changes with every value that was read. */
  readonly version: string;
}

/** Bytes. A text of this size is read in this process. */
export const mostBytes = 262_144;
/** Bytes for each rule that a team may have, and for few of them. A service keeps 20 times as much for a text. */
const bytesOfRule = 655;
const fewBytes = 65_536;

/** Problems of one text that are named, and characters of each. */
const mostProblems = 20;
const mostPlaces = 200;
const mostOfKey = 200;
const mostOfMessage = 1_000;

export function platformOf(raw: unknown, { issuers }: Pick<Config, 'issuers'>): PlatformSettings {
  const root = recordOf(raw);
  // Without `rules`: a list without rules is no mistake of a team. So it takes back what it wrote, and at once.
  const names = ['issuers', 'peers', 'hosts', 'paths', 'mode'];
  const settings = Object.fromEntries(names.map((name) => [name, root[name]]));
  // A rule names clients. What they may do does not matter here, and there can be thousands.
  const clients = Object.fromEntries(Object.keys(recordOf(root.clients)).map((name) => [name, {}]));
  return { settings: { ...settings, clients }, issuers };
}

/**
 * Checks what a team wrote: its form, its rules against the settings of the platform, and that nothing
 * reaches beyond what was delegated. Does **not** compare it with the rules of other teams.
 * Never throws.
 * @param read the text as it was read before
 * @returns the rules, or the first problems, each with file, line and key
 */
export function acceptTeam(
  written: TeamText,
  reach: Reach,
  { settings, issuers }: PlatformSettings,
  read?: ReadingAnswer,
): AcceptedTeam | readonly Problem[] {
  const { owner, file, text } = written;
  const most = Math.min(mostBytes, Math.max(fewBytes, reach.maxRules * bytesOfRule));
  if (Buffer.byteLength(text) > most) {
    const message = `is larger than ${Math.floor(most / 1024)} KiB: write fewer rules, or ask for delegate[].maxRules`;
    return [{ file, line: 1, key: '', message }];
  }
  try {
    const document = withFewPlaces(read ? documentOf(read, text, file) : readTeamText(written), file);
    const early = wrongFrame(document, owner, reach);
    if (early) return [early];
    // What is written once can count a hundred times. JSON is longer than YAML by its quotes.
    if (JSON.stringify(document.raw).length > 2 * most)
      return [
        {
          file,
          line: 1,
          key: 'rules',
          message: 'is too large once its aliases (*) are written out: use fewer',
        },
      ];
    const { data, problems } = readSchema(teamSchema, document);
    const raw = recordOf(document.raw);
    const { findings, weaknesses } = atOnce(crossCheck(settings, rawRulesOf(owner, raw)));
    const found = [
      ...problems,
      ...findings.filter(isAboutRules).map(({ path, message }) => document.problem(path, message)),
      ...(data ? [...misnamedIn(data.rules, ['rules'], issuers), ...findBeyond(data.rules, reach)] : []).map(
        ([path, message]) => document.problem(path, message),
      ),
    ];
    if (found.length > 0 || !data) return firstOf(found);
    return {
      owner,
      rules: createSharing()(data.rules),
      weaknesses: weaknesses.filter(isAboutRules),
      version: hash('sha256', JSON.stringify(raw.rules)).slice(0, 12),
    };
  } catch (error) {
    if (error instanceof ConfigError) return firstOf(error.problems);
    // Whatever a text makes of this process, it concerns no other team.
    return [{ file, line: 1, key: '', message: `cannot be read: ${String(error).slice(0, 200)}` }];
  }
}

/** What is looked at before the rules: a wrong text of many rules would take long to read. */
function wrongFrame({ raw, problem }: ConfigDocument, owner: string, reach: Reach): Problem | undefined {
  if (!isRecord(raw)) return problem([], 'must be a mapping of owner and rules');
  if (raw.owner !== undefined && raw.owner !== owner)
    return problem(['owner'], `must be ${owner}, because this is where the rules of ${owner} are read from`);
  const { length } = listOf(raw.rules);
  if (length > reach.maxRules)
    return problem(
      ['rules'],
      `must hold at most ${reach.maxRules} rules, and holds ${length}: remove some, or ask for delegate[].maxRules`,
    );
  return undefined;
}

/** The places of all problems of a text that is wrong everywhere would take a second. */
function withFewPlaces({ raw, problem }: ConfigDocument, file: string): ConfigDocument {
  let found = 0;
  return {
    raw,
    problem: (path, message) =>
      found++ < mostPlaces
        ? problem(path, message)
        : { file, line: Number.POSITIVE_INFINITY, key: '', message },
  };
}

function isAboutRules({ path }: { readonly path: readonly PropertyKey[] }): boolean {
  return path[0] === 'rules';
}

/** Keys and messages quote what a team wrote, and everybody who looks at the service reads them. */
function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const more = sorted.length - mostProblems;
  return sorted.slice(0, mostProblems).map(({ file, line, key, message }, at) => {
    const others = more > 0 && at === mostProblems - 1 ? ` (and ${more} more)` : '';
    return { file, line, key: excerpt(key, mostOfKey), message: excerpt(message, mostOfMessage) + others };
  });
}
