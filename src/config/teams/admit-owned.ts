import { codeAndCause } from '../../lib/file-causes.ts';
import type { Steps } from '../../lib/in-turns.ts';
import type { Reader } from '../readers.ts';
import type { Config } from '../schema.ts';
import type { Weakness } from '../weakness.ts';
import type { PlatformSettings } from './accept.ts';
import { type Admission, admitTeams } from './admit.ts';
import type { TeamHandling } from './handling.ts';
import { type IncludedFiles, readIncluded } from './include.ts';
import { objectCandidates } from './object-candidates.ts';

/** The rules of teams from the files of `include` and from the API server. */
export interface Owned extends Admission {
  /** The texts of the rules at work that came from files, by the path as written. */
  readonly files: readonly (readonly [name: string, text: string])[];
  /** Paths as written. */
  readonly watched: readonly string[];
  /** What is weak in rules of teams. Paths begin with `teams` and the place of the team. */
  readonly weaknesses: readonly Weakness[];
}

const noFiles: IncludedFiles = { candidates: [], watched: [] };

/**
 * Reads the files of teams, and decides which of their rules are at work: first those of files, then those of
 * the API server.
 * @param file the configuration
 * @returns why the folder of `include` cannot be read, if so
 */
export function* admitOwned(
  platform: PlatformSettings,
  config: Config,
  file: string,
  reader: Reader,
  { memory, texts, atApiServer }: TeamHandling,
): Steps<Owned | string> {
  try {
    const included = config.include === undefined ? noFiles : readIncluded(config, file, reader);
    const objects = config.rulesFrom?.kubernetes ? objectCandidates(atApiServer.objects, config) : [];
    const candidates = [...included.candidates, ...objects].map((one) => ({
      ...one,
      text: texts?.get(one.file) ?? one.text,
    }));
    const { teams, states } = yield* admitTeams(candidates, platform, memory);
    const names = new Map(included.candidates.map((one) => [one.file, one.name]));
    return {
      ...{ teams, states, watched: included.watched },
      files: teams.flatMap((team) => {
        const name = names.get(team.file);
        return name === undefined ? [] : [[name, team.text] as const];
      }),
      weaknesses: teams.flatMap(({ weaknesses }, at) =>
        weaknesses.map((one) => ({ ...one, path: ['teams', at, ...one.path] })),
      ),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return `its folder cannot be read ${codeAndCause(code)}`;
  }
}
