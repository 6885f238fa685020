import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Steps } from '../lib/in-turns.ts';
import type { CheckedConfig, LoadedConfig, OwnConfig } from './loaded-config.ts';
import { readersOf } from './readers.ts';
import { createTeamMemory } from './teams/admit.ts';
import { admitOwned, type Owned } from './teams/admit-owned.ts';
import type { TeamHandling } from './teams/handling.ts';

export const noTeams: Owned = { teams: [], states: [], files: [], watched: [], weaknesses: [] };

/** Puts a configuration together of its own part, the rules of teams and its shadow. */
export function compose(
  own: OwnConfig,
  { teams, states: owners, files: ofTeams, watched: besides, weaknesses: theirs }: Owned,
  shadow: LoadedConfig | undefined,
): CheckedConfig {
  const { file, resolve: find, openPorts: ports } = own;
  const parts = [...(shadow ? [shadow.version] : []), ...teams.map(({ owner, version }) => [owner, version])];
  const files = new Map([...own.files, ...ofTeams]);
  const watched = [...own.watched, ...besides.map(find)];
  const weaknesses = [...own.weaknesses, ...theirs];
  return {
    ...{ own, file, shadow, teams, owners, weaknesses },
    // Without teams and shadow it is that of the own part.
    version: parts.length === 0 ? own.version : versionOf([own.version, ...parts]),
    config: { ...own.config, ...(teams.length > 0 && { teams }) },
    files: shadow ? new Map([...files, ...shadow.files, [basename(shadow.file), shadow.text]]) : files,
    watched: shadow ? [...watched, find(basename(shadow.file)), ...shadow.watched] : watched,
    warnings: weaknesses.map(({ subject, message }) => `${subject}: ${message}`),
    resolve: find,
    openPorts: ports,
  };
}

export function versionOf(values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values)).slice(0, 12);
}

/**
 * The same configuration with what teams have written since at the API server. Reads the files of teams, and
 * no other file. Never throws: if they cannot be read, nothing changes.
 * @param reader of the configuration; by default the files that are here
 */
export function* readmit(
  loaded: LoadedConfig,
  handling: TeamHandling,
  reader = readersOf.all(loaded.file),
): Steps<LoadedConfig> {
  const { own, text, shadow } = loaded;
  const owned = yield* admitOwned(own.platform, own.config, own.file, reader, handling);
  if (typeof owned === 'string') return loaded;
  return { ...compose(own, owned, shadow && (yield* readmit(shadow, ofShadow(handling), reader))), text };
}

/** The same for the configuration in `shadow`, whose delegations are its own. */
export function ofShadow(handling: TeamHandling): TeamHandling {
  const { memory } = handling;
  memory.shadow ??= createTeamMemory();
  return { ...handling, memory: memory.shadow };
}
