import { dirname, isAbsolute, join } from 'node:path';
import { parseDocument, readText } from '../config/document.ts';
import { type LoadedConfig, loadWithoutFiles } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { readSchema } from '../config/read-schema.ts';
import { refusingWith } from '../config/teams/object-file.ts';
import { listRules } from '../serve/create-policy.ts';
import { type Case, createCases } from './cases.ts';
import { policyTestSchema } from './schema.ts';

/** A file of policy tests, and the configuration that it tests. */
export interface Suite {
  readonly file: string;
  readonly config: LoadedConfig;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly cases: readonly Case[];
}

/**
 * Reads a file of policy tests and its configuration. Keys and secrets that the configuration names are not
 * read.
 * @param configFile the configuration, in place of the one that the file names
 * @param objects a file with objects of teams
 * @param now milliseconds since the epoch, for a file that sets no time
 * @throws ConfigError with all problems, each with file, line and key
 */
export function loadSuite(
  file: string,
  configFile: string | undefined,
  now: number,
  objects?: string,
): Suite {
  const document = parseDocument(readText(file), file);
  const { data, problems } = readSchema(policyTestSchema, document);
  if (!data) throw new ConfigError(problems);
  const { config: named = 'peerproof.yaml' } = data;
  const beside = isAbsolute(named) ? named : join(dirname(file), named);
  const config = loadWithoutFiles(configFile ?? beside, refusingWith(objects));
  const names = {
    issuers: Object.keys(config.config.issuers),
    rules: new Set(listRules(config.config).map(({ name }) => name)),
  };
  const time = data.now === undefined ? now : Date.parse(data.now);
  const { cases, problems: found } = createCases(data, document, names, time);
  if (found.length > 0) throw new ConfigError(found.toSorted((a, b) => a.line - b.line));
  return { file, config, now: time, cases };
}
