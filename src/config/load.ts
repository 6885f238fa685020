import { dirname, join } from 'node:path';
import { codeAndCause } from '../lib/file-causes.ts';
import { atOnce, inTurns, type Steps } from '../lib/in-turns.ts';
import { isRecord } from '../lib/json.ts';
import { createSharing } from '../lib/share.ts';
import type { Files } from '../sources/fingerprint.ts';
import { compose, noTeams, ofShadow, versionOf } from './compose.ts';
import { misnamedIssuers } from './condition-issuers.ts';
import { crossCheck } from './cross-check.ts';
import { type ConfigDocument, placeLater, readDocument, readText } from './document.ts';
import type { CheckedConfig, ConfigSource, LoadedConfig, OwnConfig } from './loaded-config.ts';
import { readNamedFiles } from './named-files.ts';
import { openPorts } from './open-ports.ts';
import { findOwnIdentity, unknownToItself } from './own-identity.ts';
import { ConfigError } from './problem.ts';
import { readConfig } from './read-schema.ts';
import { createResolver, keptReader, type Reader, readersOf } from './readers.ts';
import { platformOf } from './teams/accept.ts';
import { admitOwned } from './teams/admit-owned.ts';
import { refusalsOf, refusing, type TeamHandling } from './teams/handling.ts';
import type { Weakness } from './weakness.ts';

export type { CheckedConfig, ConfigSource, LoadedConfig } from './loaded-config.ts';

/**
 * Reads a configuration file (YAML 1.2; JSON is YAML too). Paths in it are relative to it.
 * @param lastGood contents of the files of the configuration in use, see `readNamedFiles`
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadConfig(file: string, teams?: TeamHandling, lastGood?: Files): LoadedConfig {
  return atOnce(check(readText(file), file, readersOf.all(file), teams, lastGood));
}

/** Does the same for a service, which answers checks meanwhile. */
export async function loadLater(file: string, teams?: TeamHandling, lastGood?: Files): Promise<LoadedConfig> {
  try {
    return await inTurns(check(readText(file), file, readersOf.all(file), teams, lastGood));
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(await placeLater(error.problems)) : error;
  }
}

/**
 * Does the same, but does not read the files that it names: keys and secrets are usually not where rules are
 * tried. A missing file is no problem here.
 * @throws ConfigError with all other problems
 */
export function loadWithoutFiles(file: string, teams?: TeamHandling): LoadedConfig {
  return parseWithoutFiles(readText(file), file, teams);
}

/** Does the same for a text. `file` is for messages. */
export function parseWithoutFiles(text: string, file: string, teams?: TeamHandling): LoadedConfig {
  return atOnce(check(text, file, readersOf.none(file), teams));
}

/** Does the same for a text, with the files that are here. `file` is for messages and for relative paths. */
export function parseWithFilesHere(text: string, file: string, teams?: TeamHandling): LoadedConfig {
  return atOnce(check(text, file, readersOf.here(file), teams));
}

/** Does the same for a text. `file` is for messages and for relative paths. */
export function parseConfig(text: string, file: string, teams?: TeamHandling): LoadedConfig {
  return atOnce(check(text, file, readersOf.all(file), teams));
}

/**
 * Does the same for plain data. `file` is for messages and for relative paths.
 * @param wanted which of the files that it names are read; if only those that are here, none is missing
 */
export function checkDocument(
  document: ConfigDocument,
  file: string,
  wanted: keyof typeof readersOf,
  teams?: TeamHandling,
): CheckedConfig {
  return atOnce(checkData(document, file, readersOf[wanted](file), teams));
}

/** Does the same for the source of an earlier configuration. Does not read files. */
export function restoreConfig({ file, text, files }: ConfigSource, teams?: TeamHandling): LoadedConfig {
  return atOnce(check(text, file, keptReader(files), teams));
}

/** Does the same for plain data, with the files of an earlier configuration. */
export function restoreDocument(
  document: ConfigDocument,
  { file, files }: Pick<ConfigSource, 'file' | 'files'>,
  teams?: TeamHandling,
): CheckedConfig {
  return atOnce(checkData(document, file, keptReader(files), teams));
}

const unknownSidecar: Weakness = {
  check: 'own-sidecar',
  path: ['http', 'xfcc'],
  subject: 'http.xfcc',
  message:
    'direct reads the last element as the client. If Peerproof has a sidecar, that element is the calling proxy. To have such an element refused, set http.spiffeId, or POD_NAMESPACE and POD_SERVICE_ACCOUNT in the environment',
};

function* check(
  text: string,
  file: string,
  reader: Reader,
  teams?: TeamHandling,
  lastGood?: Files,
  isShadow?: true,
): Steps<LoadedConfig> {
  const document = yield* readDocument(text, file);
  return { ...(yield* checkData(document, file, reader, teams, lastGood, isShadow)), text };
}

function* checkData(
  document: ConfigDocument,
  file: string,
  reader: Reader,
  handling = refusing(),
  lastGood: Files = new Map(),
  isShadow = false,
): Steps<CheckedConfig> {
  const { raw, problem } = document;
  // Nothing else can be said of a file without settings.
  if (!isRecord(raw) || Object.keys(raw).length === 0)
    throw new ConfigError([problem([], withoutSettings(raw))]);
  const { data: config, problems: found } = yield* readConfig(document, createSharing());
  const problems = [...found];
  // Cross-references are checked on the raw document, so that they are reported with all other problems.
  const { findings, files: wanted, weaknesses: seen } = yield* crossCheck(raw);
  problems.push(...findings.map(({ path, message }) => problem(path, message)));
  const find = createResolver(file);
  const { files, readOnce, findings: ofFiles } = readNamedFiles(config, wanted, reader.read, lastGood);
  problems.push(...ofFiles.map(([path, message]) => problem(path, message)));
  if (isShadow && config?.shadow)
    problems.push(problem(['shadow'], 'cannot be in a shadow itself: remove it'));
  if (config) problems.push(...misnamedIssuers(config).map(([path, message]) => problem(path, message)));
  problems.sort((a, b) => a.line - b.line);
  // A configuration that is refused must not change what is known about the teams.
  const isLost = handling.leavesOut && problems.length > 0;
  const platform = config && platformOf(raw, config);
  const owned =
    config && platform && !isLost ? yield* admitOwned(platform, config, file, reader, handling) : noTeams;
  if (typeof owned === 'string') problems.push(problem(['include'], owned));
  else if (!handling.leavesOut) problems.push(...refusalsOf(owned.states));
  const shadow = isShadow
    ? undefined
    : yield* checkShadow(config?.shadow?.file, file, reader, handling, lastGood, document);
  if (shadow instanceof ConfigError) problems.push(...shadow.problems);
  if (
    problems.length > 0 ||
    !config ||
    !platform ||
    typeof owned === 'string' ||
    shadow instanceof ConfigError
  )
    throw new ConfigError(problems);
  const blind = config.http.xfcc === 'direct' && unknownToItself(findOwnIdentity(config, files));
  const contents = [...readOnce].map((name) => [name, files.get(name)]);
  const own: OwnConfig = {
    ...{ file, files, platform, resolve: find },
    config,
    version: versionOf([raw, contents]),
    watched: [...readOnce].map(find),
    weaknesses: blind ? [...seen, unknownSidecar] : seen,
    openPorts: openPorts(config),
  };
  return compose(own, owned, shadow);
}

function withoutSettings(raw: unknown): string {
  return isRecord(raw)
    ? 'has no settings: peerproof init writes a first configuration'
    : 'must be a mapping of settings, such as rules: […]';
}

/**
 * Checks the file of `shadow`. It is in the folder of the configuration, so both name files in the same way.
 * Returns a ConfigError with its problems.
 */
function* checkShadow(
  name: string | undefined,
  file: string,
  reader: Reader,
  handling: TeamHandling,
  lastGood: Files,
  { problem }: ConfigDocument,
): Steps<LoadedConfig | ConfigError | undefined> {
  if (name === undefined) return undefined;
  let text: string | undefined;
  try {
    text = reader.read(name);
  } catch (error) {
    const why = `${name} cannot be read ${codeAndCause((error as NodeJS.ErrnoException).code)}`;
    return new ConfigError([problem(['shadow', 'file'], why)]);
  }
  try {
    if (text === undefined) return undefined;
    return yield* check(text, join(dirname(file), name), reader, ofShadow(handling), lastGood, true);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
