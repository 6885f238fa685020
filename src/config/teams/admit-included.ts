import { fileCauses } from '../../lib/file-causes.ts';
import type { Reader } from '../readers.ts';
import type { Config } from '../schema.ts';
import type { Weakness } from '../weakness.ts';
import { platformOf } from './accept.ts';
import { type Admission, admitTeams } from './admit.ts';
import type { TeamHandling } from './handling.ts';
import { readIncluded } from './include.ts';

/** The rules of teams from the files of `include`. */
export interface Included extends Admission {
  /** The texts of the rules at work, by the path of their file as written. */
  readonly files: readonly (readonly [name: string, text: string])[];
  /** Paths as written. */
  readonly watched: readonly string[];
  /** What is weak in rules of teams. Paths begin with `teams` and the place of the team. */
  readonly weaknesses: readonly Weakness[];
}

/**
 * Reads the files of teams, and decides which of their rules are at work.
 * @param file the configuration
 * @returns undefined without `include`, and why its folder cannot be read
 */
export function admitIncluded(
  raw: unknown,
  config: Config,
  file: string,
  reader: Reader,
  { memory, texts }: TeamHandling,
): Included | string | undefined {
  if (config.include === undefined) return undefined;
  try {
    const { candidates: read, watched } = readIncluded(config, file, reader);
    const candidates = read.map((one) => ({ ...one, text: texts?.get(one.file) ?? one.text }));
    const { teams, states } = admitTeams(candidates, platformOf(raw, config), memory);
    const names = new Map(candidates.map((one) => [one.file, one.name]));
    return {
      ...{ teams, states, watched },
      files: teams.map((team) => [names.get(team.file) ?? '', team.text]),
      weaknesses: teams.flatMap(({ weaknesses }, at) =>
        weaknesses.map((one) => ({ ...one, path: ['teams', at, ...one.path] })),
      ),
    };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === '') throw error;
    return `its folder cannot be read (${code})${fileCauses[code] ? `: ${fileCauses[code]}` : ''}`;
  }
}
