import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unusableFiles } from './check-files.ts';
import { crossCheck } from './cross-check.ts';
import { type ConfigDocument, parseDocument, readDocument } from './document.ts';
import { explain } from './explain.ts';
import { configJsonSchema } from './json-schema.ts';
import { ConfigError } from './problem.ts';
import { type Config, configSchema } from './schema.ts';

/** A configuration that is whole: checked, and with the contents of the files it names. */
export interface LoadedConfig {
  readonly config: Config;
  /** What a configured file holds, by the path as written. */
  readonly files: ReadonlyMap<string, string>;
  /** Where a path as written leads: relative ones begin where the configuration is. */
  readonly resolve: (path: string) => string;
  /** Weaker choices, by name: logged at start. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration file (YAML 1.2; JSON is YAML too). Paths in it are relative to it.
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadConfig(file: string): LoadedConfig {
  return check(readDocument(file), file);
}

/** The same for a text; `file` is for messages and for relative paths. */
export function parseConfig(text: string, file: string): LoadedConfig {
  return check(parseDocument(text, file), file);
}

function check({ raw, problem }: ConfigDocument, file: string): LoadedConfig {
  const read = configSchema.safeParse(raw);
  const problems = read.success
    ? []
    : read.error.issues.flatMap((issue) =>
        explain(issue, configJsonSchema).map(([path, message]) => problem(path, message)),
      );
  // Cross-references are checked on the raw document, so that they are reported together with everything else.
  const { findings, files: wanted, warnings } = crossCheck(raw);
  problems.push(...findings.map(({ path, message }) => problem(path, message)));
  const find = (name: string) => resolve(dirname(file), name);
  const files = new Map<string, string>();
  for (const { path, file: name } of wanted) {
    try {
      files.set(name, readFileSync(find(name), 'utf8'));
    } catch (error) {
      problems.push(problem(path, `${name} cannot be read (${(error as NodeJS.ErrnoException).code})`));
    }
  }
  if (read.success)
    problems.push(...unusableFiles(read.data, files).map(([path, message]) => problem(path, message)));
  if (problems.length > 0 || !read.success)
    throw new ConfigError(problems.toSorted((a, b) => a.line - b.line));
  return { config: read.data, files, resolve: find, warnings };
}
