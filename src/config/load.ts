import { hash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { createSharing } from '../lib/share.ts';
import type { Files } from '../sources/fingerprint.ts';
import { misnamedIssuers } from './condition-issuers.ts';
import { crossCheck } from './cross-check.ts';
import { type ConfigDocument, parseDocument, readText } from './document.ts';
import { type Read, readNamedFiles, readUpTo } from './named-files.ts';
import { openPorts } from './open-ports.ts';
import { findOwnIdentity, unknownToItself } from './own-identity.ts';
import { ConfigError } from './problem.ts';
import { readSchema } from './read-schema.ts';
import { type Config, configSchema } from './schema.ts';
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
}

/**
 * Reads a configuration file (YAML 1.2; JSON is YAML too). Paths in it are relative to it.
 * @param lastGood contents of the files of the configuration in use, see `readNamedFiles`
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadConfig(file: string, lastGood?: Files): LoadedConfig {
  return check(readText(file), file, readersOf.all(file), lastGood);
}

/**
 * Does the same, but does not read the files that it names: keys and secrets are usually not where rules are
 * tried. A missing file is no problem here.
 * @throws ConfigError with all other problems
 */
export function loadWithoutFiles(file: string): LoadedConfig {
  return parseWithoutFiles(readText(file), file);
}

/** Does the same for a text. `file` is for messages. */
export function parseWithoutFiles(text: string, file: string): LoadedConfig {
  return check(text, file, readersOf.none());
}

/** Does the same for a text, with the files that are here. `file` is for messages and for relative paths. */
export function parseWithFilesHere(text: string, file: string): LoadedConfig {
  return check(text, file, readersOf.here(file));
}

/** Does the same for a text. `file` is for messages and for relative paths. */
export function parseConfig(text: string, file: string): LoadedConfig {
  return check(text, file, readersOf.all(file));
}

/** A checked configuration whose text need not be written. */
export type CheckedConfig = Omit<LoadedConfig, 'text'>;

/**
 * Does the same for plain data. `file` is for messages and for relative paths.
 * @param wanted which of the files that it names are read; if only those that are here, none is missing
 */
export function checkDocument(
  document: ConfigDocument,
  file: string,
  wanted: keyof typeof readersOf,
): CheckedConfig {
  return checkData(document, file, readersOf[wanted](file));
}

/** Does the same for the source of an earlier configuration. Does not read files. */
export function restoreConfig({ file, text, files }: ConfigSource): LoadedConfig {
  return check(text, file, reader(files));
}

/** Does the same for plain data, with the files of an earlier configuration. */
export function restoreDocument(
  document: ConfigDocument,
  { file, files }: Pick<ConfigSource, 'file' | 'files'>,
): CheckedConfig {
  return checkData(document, file, reader(files));
}

function reader(files: Files): Read {
  return (name) => {
    const content = files.get(name);
    if (content === undefined) throw Object.assign(new Error(name), { code: 'ENOENT' });
    return content;
  };
}

/** A function of its own: one inside of `check` would keep everything alive that `check` has read. */
function createResolver(file: string): (name: string) => string {
  const directory = dirname(file);
  return (name) => resolve(directory, name);
}

const unknownSidecar: Weakness = {
  check: 'own-sidecar',
  path: ['http', 'xfcc'],
  subject: 'http.xfcc',
  message:
    'direct reads the last element as the client. If Peerproof has a sidecar, that element is the calling proxy. To have such an element refused, set http.spiffeId, or POD_NAMESPACE and POD_SERVICE_ACCOUNT in the environment',
};

const readersOf = {
  all: (file: string): Read => {
    const find = createResolver(file);
    return (name, most) => readUpTo(find(name), most);
  },
  here: (file: string): Read => {
    const readOne = readersOf.all(file);
    return (name, most) => {
      try {
        return readOne(name, most);
      } catch {
        return undefined;
      }
    };
  },
  none: (): Read => () => undefined,
};

function check(text: string, file: string, read: Read, lastGood?: Files, isShadow = false): LoadedConfig {
  return { ...checkData(parseDocument(text, file), file, read, lastGood, isShadow), text };
}

function checkData(
  document: ConfigDocument,
  file: string,
  read: Read,
  lastGood: Files = new Map(),
  isShadow = false,
): CheckedConfig {
  const { raw, problem } = document;
  const { data: config, problems: found } = readSchema(configSchema, document);
  const problems = [...found];
  // Cross-references are checked on the raw document, so that they are reported with all other problems.
  const { findings, files: wanted, weaknesses: seen } = crossCheck(raw);
  problems.push(...findings.map(({ path, message }) => problem(path, message)));
  const find = createResolver(file);
  const { files, readOnce, findings: ofFiles } = readNamedFiles(config, wanted, read, lastGood);
  problems.push(...ofFiles.map(([path, message]) => problem(path, message)));
  if (isShadow && config?.shadow)
    problems.push(problem(['shadow'], 'cannot be in a shadow itself: remove it'));
  if (config) problems.push(...misnamedIssuers(config).map(([path, message]) => problem(path, message)));
  problems.sort((a, b) => a.line - b.line);
  const shadow = isShadow ? undefined : checkShadow(config?.shadow?.file, file, read, lastGood, document);
  if (shadow instanceof ConfigError) problems.push(...shadow.problems);
  if (problems.length > 0 || !config || shadow instanceof ConfigError) throw new ConfigError(problems);
  const blind = config.http.xfcc === 'direct' && unknownToItself(findOwnIdentity(config, files));
  const contents = [...readOnce].map((name) => [name, files.get(name)]);
  const values = [raw, contents, ...(shadow ? [shadow.version] : [])];
  const version = hash('sha256', JSON.stringify(values)).slice(0, 12);
  const watched = [...readOnce].map(find);
  const weaknesses = blind ? [...seen, unknownSidecar] : seen;
  return {
    ...{ file, version, shadow },
    config: createSharing()(config),
    files: shadow ? new Map([...files, ...shadow.files, [basename(shadow.file), shadow.text]]) : files,
    watched: shadow ? [...watched, find(basename(shadow.file)), ...shadow.watched] : watched,
    weaknesses,
    warnings: weaknesses.map(({ subject, message }) => `${subject}: ${message}`),
    resolve: find,
    openPorts: openPorts(config),
  };
}

/**
 * Checks the file of `shadow`. It is in the folder of the configuration, so both name files in the same way.
 * Returns a ConfigError with its problems.
 */
function checkShadow(
  name: string | undefined,
  file: string,
  read: Read,
  lastGood: Files,
  { problem }: ConfigDocument,
): LoadedConfig | ConfigError | undefined {
  if (name === undefined) return undefined;
  let text: string | undefined;
  try {
    text = read(name);
  } catch (error) {
    const why = `${name} cannot be read (${(error as NodeJS.ErrnoException).code})`;
    return new ConfigError([problem(['shadow', 'file'], why)]);
  }
  try {
    return text === undefined ? undefined : check(text, join(dirname(file), name), read, lastGood, true);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
