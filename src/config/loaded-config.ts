import type { Files } from '../sources/fingerprint.ts';
import type { Config } from './schema.ts';
import type { PlatformSettings } from './teams/accept.ts';
import type { AdmittedTeam, OwnerState } from './teams/admit.ts';
import type { Weakness } from './weakness.ts';

/** The source of a configuration. It is enough to make the configuration again without reading files. */
export interface ConfigSource {
  /** Its path, for messages and for relative paths. */
  readonly file: string;
  readonly text: string;
  /** The contents of the files that it names, by the path as written. */
  readonly files: Files;
}

/** A checked configuration, with the contents of the files that it names. */
export interface LoadedConfig extends ConfigSource {
  readonly config: Config;
  /** Resolves a path as written. Relative paths start at the folder of the configuration. */
  readonly resolve: (path: string) => string;
  /** Settings that weaken security, by name. Logged at start. */
  readonly warnings: readonly string[];
  /** The same with their places. */
  readonly weaknesses: readonly Weakness[];
  /** Ports that answer every client that can reach them, and how to close each. Logged at start. */
  readonly openPorts: readonly string[];
  /** Changes with every value that was read. Does not change with a comment. */
  readonly version: string;
  /** The configuration in the file of `shadow`. It judges checks, and decides none. */
  readonly shadow: LoadedConfig | undefined;
  /** Files that are read only here. A change of one makes a new configuration. */
  readonly watched: readonly string[];
  readonly own: OwnConfig;
  /** Those whose rules are at work. */
  readonly teams: readonly AdmittedTeam[];
  /** How the rules of each team are at work. */
  readonly owners: readonly OwnerState[];
}

/** A configuration without the rules of teams and without its shadow. It stays the same while only those change. */
export type OwnConfig = Pick<
  LoadedConfig,
  'file' | 'config' | 'files' | 'version' | 'watched' | 'weaknesses' | 'resolve' | 'openPorts'
> & { readonly platform: PlatformSettings };

/** A checked configuration whose text need not be written. */
export type CheckedConfig = Omit<LoadedConfig, 'text'>;
