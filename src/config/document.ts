import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, LineCounter, parseDocument as parseYaml } from 'yaml';
import { codeAndCause } from '../lib/file-causes.ts';
import { either, type Steps } from '../lib/in-turns.ts';
import { ConfigError, type Problem, type Unplaced } from './problem.ts';
import { type ReadingAnswer, readAllLater, readApart, type TextOfFile } from './read-apart.ts';
import { aliasMistake, keyMistake, yamlMistakes } from './yaml-mistakes.ts';

type Path = readonly PropertyKey[];

/** A YAML document as plain data. `problem` turns a place in it into file, line and key. */
export interface ConfigDocument {
  readonly raw: unknown;
  problem(path: Path, message: string): Problem;
}

/**
 * Reads a file, by its name or by its descriptor. `file` is for messages.
 * @throws ConfigError if it cannot be read
 */
export function readText(source: string | number, file = String(source)): string {
  try {
    return readFileSync(source, 'utf8');
  } catch (error) {
    const message = `cannot be read ${codeAndCause((error as NodeJS.ErrnoException).code)}`;
    throw new ConfigError([{ file, line: 1, key: '', message }]);
  }
}

/**
 * Reads YAML 1.2; JSON is YAML too. `file` is for messages.
 * @throws ConfigError if it is not YAML.
 */
export function parseDocument(text: string, file: string): ConfigDocument {
  const raw = isLarge(text) ? readApart(text, file) : readPlainData(text, file);
  return { raw, problem: createFinder(text, file) };
}

/**
 * Does the same in steps. Another process reads a text that takes longer than checks may wait. Problems of such
 * a text have no lines, see `placeLater`.
 * @throws ConfigError as `parseDocument`
 */
export function* readDocument(text: string, file: string): Steps<ConfigDocument> {
  if (!isLong(text)) return parseDocument(text, file);
  return yield* either({
    now: () => parseDocument(text, file),
    async later() {
      const answers = await readAllLater([{ text, file }]).catch(() => []);
      // Without another process, the checks wait. The change must not.
      if (!answers[0]) return parseDocument(text, file);
      const problem = (path: Path, message: string): Unplaced => ({
        ...{ file, line: 0, key: formatKey(path), message },
        ...{ path, text },
      });
      return { ...documentOf(answers[0], text, file), problem };
    },
  });
}

/** Finds the lines of problems that have none, in another process. */
export async function placeLater(problems: readonly Problem[]): Promise<readonly Problem[]> {
  const texts = Map.groupBy(problems.filter(isUnplaced), ({ text }) => text);
  if (texts.size === 0) return problems;
  const wanted = [...texts].map(([text, found]) => ({
    ...{ text, file: found[0]?.file ?? '' },
    unplaced: found.map(({ path, message }) => ({ path, message })),
  }));
  const answers = await readAllLater(wanted).catch(() => wanted.map(place));
  const placed = answers.flatMap((answer) => ('problems' in answer ? answer.problems : []));
  return [...placed, ...problems.filter((one) => !isUnplaced(one))].sort((a, b) => a.line - b.line);
}

/** Finds the lines of the problems of one text. */
export function place({ text, file, unplaced = [] }: TextOfFile): { readonly problems: readonly Problem[] } {
  const find = createFinder(text, file);
  return { problems: unplaced.map(({ path, message }) => find(path, message)) };
}

function isUnplaced(problem: Problem): problem is Unplaced {
  return 'path' in problem;
}

/** Whether it takes longer to read than checks may wait. */
function isLong(text: string): boolean {
  return text.length > 65_536;
}

/**
 * A document that was read before.
 * @throws ConfigError if it could not be read
 */
export function documentOf(answer: ReadingAnswer, text: string, file: string): ConfigDocument {
  if ('problems' in answer) throw new ConfigError(answer.problems);
  return { raw: answer.raw, problem: createFinder(text, file) };
}

/** Whether it takes much memory to read. For 10,000 rules, the YAML library takes 220 MB, which V8 keeps. */
function isLarge(text: string): boolean {
  return text.length > 262_144;
}

/** @throws ConfigError if the text is not YAML, or cannot be plain data */
export function readPlainData(text: string, file: string): unknown {
  return plainData(readYaml(text, file), file);
}

/**
 * Reads the document as the YAML library has it, with comments and layout.
 * @throws ConfigError if the text is not YAML
 */
export function readYaml(text: string, file: string): Document.Parsed {
  const { document, lines } = parseText(text, file);
  const from = { text, document, lines };
  const { mistakes, node } = findMistakes(from, file);
  if (mistakes.length > 0)
    throw new ConfigError(
      mistakes.map(({ line, message }) => ({ file, line, key: '', message: `is not YAML: ${message}` })),
    );
  if (node) throw unusable(file, node.message, node.line);
  return document;
}

/**
 * Finds the places of problems in a text that was read before. Parses it again if there is one: the positions
 * of 10,000 rules would take 45 MB while the rules are read.
 */
export function createFinder(text: string, file: string): ConfigDocument['problem'] {
  let again: ReturnType<typeof parseText> | undefined;
  return (path, message) => {
    again ??= parseText(text, file);
    return { file, line: findLine(again.document, path, again.lines), key: formatKey(path), message };
  };
}

/** The parser is recursive: a document that is nested too deeply overflows the stack. */
function parseText(
  text: string,
  file: string,
): { readonly document: Document.Parsed; readonly lines: LineCounter } {
  const lines = new LineCounter();
  try {
    // Keys that stand twice are found by `yamlMistakes`.
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false };
    return { document: parseYaml(text, options), lines };
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
}

/** Visits all nodes, which is recursive, as the parser is. */
function findMistakes(from: Parameters<typeof yamlMistakes>[0], file: string) {
  try {
    const mistakes = yamlMistakes(from);
    // Plain data would hold the text of a key that is a list, written out again at each level.
    return { mistakes, node: mistakes.length > 0 ? undefined : (keyMistake(from) ?? aliasMistake(from)) };
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
}

/**
 * Resolves aliases.
 * @throws ConfigError if one contains itself, and if there are too many of them
 */
export function plainData(document: Document, file: string): unknown {
  try {
    const raw = document.toJS({ maxAliasCount: 100 }) ?? {};
    // A schema would drop this name, which every object has, and a requirement of that name with it.
    JSON.stringify(raw, (_, value) => {
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
        throw new TypeError('__proto__ cannot be a key');
      return value;
    });
    return raw;
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
}

function unusable(file: string, why: string, line = 1): ConfigError {
  const [message] = why.split('\n');
  return new ConfigError([{ file, line, key: '', message: `cannot be used as YAML: ${message}` }]);
}

/** A path as a person reads it: `rules[0].require.scopes`. */
export function formatKey(path: Path): string {
  return path.reduce<string>(
    (key, part) =>
      typeof part === 'number' ? `${key}[${part}]` : key ? `${key}.${String(part)}` : String(part),
    '',
  );
}

/** The line of a key. If the key is missing, the line of its nearest parent. */
function findLine(document: Document.Parsed, path: Path, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(last)) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
