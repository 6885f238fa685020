import { isRecord, parseJson } from '../../lib/json.ts';
import { type ConfigDocument, createFinder, formatKey, parseDocument } from '../document.ts';
import { ConfigError } from '../problem.ts';

/** What a team wrote, wherever it came from. */
export interface TeamText {
  readonly owner: string;
  /** Its file, or another name for messages. */
  readonly file: string;
  /** YAML or JSON: `owner` and `rules`. */
  readonly text: string;
  /** The text is the `spec` of an object, as JSON. It need not name the owner, and messages name no lines. */
  readonly isSpec?: boolean | undefined;
}

/** @throws ConfigError if it cannot be read */
export function readTeamText({ owner, file, text, isSpec }: TeamText): ConfigDocument {
  if (!isSpec) return parseDocument(text, file);
  const problem = findInTeam({ file, text, isSpec });
  const spec = parseJson(text);
  if (!isRecord(spec)) throw new ConfigError([problem([], 'must be a mapping of rules')]);
  // A schema would drop this name, and a requirement of that name with it.
  if (text.includes('__proto__') && holdsProto(spec))
    throw new ConfigError([problem([], '__proto__ cannot be a key')]);
  return { raw: { owner, ...spec }, problem };
}

/** How problems of a text that was read before name their places. */
export function findInTeam({ file, text, isSpec }: Omit<TeamText, 'owner'>): ConfigDocument['problem'] {
  if (!isSpec) return createFinder(text, file);
  return (path, message) => ({ file, line: 0, key: formatKey(['spec', ...path]), message });
}

function holdsProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsProto);
}
