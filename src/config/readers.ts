import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Files } from '../sources/fingerprint.ts';
import { type Read, readUpTo } from './named-files.ts';
import { readTeamFile } from './teams/team-file.ts';

/** How the files that a configuration names are read, by their paths as written. */
export interface Reader {
  /** The content; undefined if it does not matter. @throws if it cannot be read */
  readonly read: Read;
  /** The names in a folder. @throws if it cannot be read */
  readonly list: (folder: string) => readonly string[];
  /** The rules of a team, within limits. @throws Error with a message for the team */
  readonly readTeam: (folder: string, name: string) => string;
}

export const readersOf = {
  all: (file: string): Reader => {
    const find = createResolver(file);
    return {
      read: (name, most) => readUpTo(find(name), most),
      list: (folder) => readdirSync(find(folder)),
      readTeam: (folder, name) => readTeamFile(find(folder), name),
    };
  },
  here: (file: string): Reader => {
    const { read, list, readTeam } = readersOf.all(file);
    return { read: ifHere(read), list: (folder) => ifHere(list)(folder) ?? [], readTeam };
  },
  /** The rules of teams are read: they are part of the configuration. */
  none: (file: string): Reader => ({ ...readersOf.here(file), read: () => undefined }),
};

/** Reads the files of an earlier configuration. */
export function keptReader(files: Files): Reader {
  const read = (name: string) => {
    const content = files.get(name);
    if (content === undefined) throw Object.assign(new Error(name), { code: 'ENOENT' });
    return content;
  };
  return {
    read,
    list: (folder) =>
      [...files.keys()].filter((name) => dirname(name) === folder).map((name) => basename(name)),
    readTeam: (folder, name) => read(join(folder, name)),
  };
}

/** A function of its own: one inside of another would keep everything alive that the other has read. */
export function createResolver(file: string): (name: string) => string {
  const directory = dirname(file);
  return (name) => resolve(directory, name);
}

function ifHere<Given extends unknown[], T>(
  read: (...given: Given) => T,
): (...given: Given) => T | undefined {
  return (...given) => {
    try {
      return read(...given);
    } catch {
      return undefined;
    }
  };
}
