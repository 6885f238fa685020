import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { unusableFiles } from './check-files.ts';
import { crossCheck } from './cross-check.ts';
import { explain } from './explain.ts';
import { ConfigError, type Problem } from './problem.ts';
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

type Path = readonly PropertyKey[];

/**
 * Reads a configuration file (YAML 1.2; JSON is YAML too). Paths in it are relative to it.
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadConfig(file: string): LoadedConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([
      { file, line: 1, key: '', message: `cannot be read (${(error as NodeJS.ErrnoException).code})` },
    ]);
  }
  return parseConfig(text, file);
}

/** The same for a text; `file` is for messages and for relative paths. */
export function parseConfig(text: string, file: string): LoadedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    maxAliasCount: 100,
  } as never);
  const problem = (path: Path, message: string): Problem => ({
    file,
    line: lineOf(document, path, lines),
    key: keyOf(path),
    message,
  });
  if (document.errors.length > 0)
    throw new ConfigError(
      document.errors.map(({ pos, message }) => ({
        file,
        line: lines.linePos(pos[0]).line,
        key: '',
        message: `not YAML: ${message}`,
      })),
    );

  const raw = plainData(document, file);
  const read = configSchema.safeParse(raw);
  const problems = read.success
    ? []
    : read.error.issues.flatMap((issue) => explain(issue).map(([path, message]) => problem(path, message)));
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

/** The document as plain data. Aliases are followed now, which is where an unknown one or a bomb of them shows. */
function plainData(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new ConfigError([
      { file, line: 1, key: '', message: `not usable YAML: ${(error as Error).message}` },
    ]);
  }
}

function keyOf(path: Path): string {
  return path.reduce<string>(
    (key, part) =>
      typeof part === 'number' ? `${key}[${part}]` : key ? `${key}.${String(part)}` : String(part),
    '',
  );
}

/** The line of a key, or of the nearest thing above it that is there. */
function lineOf(document: Document.Parsed, path: Path, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(last)) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
