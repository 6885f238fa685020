import {
  type Alias,
  type Document,
  isCollection,
  isNode,
  isScalar,
  type LineCounter,
  visit,
  YAMLParseError,
} from 'yaml';

/** A mistake in the form of a document, in plain words. The line starts at 1. */
export interface YamlMistake {
  readonly line: number;
  readonly message: string;
}

/** A text with the lines of its offsets. */
interface Text {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Keys that stand twice, of those that are named. */
const mostTwice = 100;

/**
 * Says in plain words why a text is not YAML: each key that stands twice, and the first error of the library.
 * Its others usually follow from that one.
 */
export function yamlMistakes(from: Text): readonly YamlMistake[] {
  const [first] = from.document.errors;
  const said = [...keysTwice(from.document), ...(first ? [first] : [])].map((error) => mistake(error, from));
  return said.toSorted((a, b) => a.line - b.line);
}

/** The library compares each key of a mapping with all others, which takes a minute for 256 KiB of keys. */
function keysTwice(document: Document.Parsed): readonly YAMLParseError[] {
  const found: YAMLParseError[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        if (seen.has(key.value))
          found.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique'));
        seen.add(key.value);
        if (found.length === mostTwice) return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

/** The library looks for the anchor of each alias among all anchors. */
const mostAliases = 1_000;

/**
 * A `*` in front of a text makes it an alias. Returns the first one that stands for nothing, or one too many.
 */
export function aliasMistake({ text, document, lines }: Text): YamlMistake | undefined {
  const anchors = new Set<string>();
  let unknown: Alias | undefined;
  let count = 0;
  visit(document, {
    Node(_, node) {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
    Alias(_, alias) {
      count++;
      unknown = anchors.has(alias.source) && count <= mostAliases ? undefined : alias;
      return unknown ? visit.BREAK : undefined;
    },
  });
  if (!unknown) return undefined;
  const at = unknown.range?.[0] ?? 0;
  if (count > mostAliases)
    return { line: lines.linePos(at).line, message: `there are more than ${mostAliases} aliases` };
  const written = /^\*[^\s,\]}]*/.exec(text.slice(at, at + 100))?.[0] ?? '*';
  return {
    line: lines.linePos(at).line,
    message: `the value begins with *, so it is an alias of YAML, and there is no anchor ${JSON.stringify(unknown.source)}: put it in quotes, "${written}"`,
  };
}

/** A key that is a list or mapping, which a template or a brace too many makes of a value. */
export function keyMistake({ text, document, lines }: Text): YamlMistake | undefined {
  let found: YamlMistake | undefined;
  visit(document, {
    Pair(_, { key }) {
      if (!isCollection(key)) return undefined;
      const at = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      const isTemplate = text.slice(at - 1, at + 1) === '{{';
      const message = isTemplate ? template : 'a key must be a string, and not a list or mapping';
      found = { line: lines.linePos(at).line, message };
      return visit.BREAK;
    },
  });
  return found;
}

const template = 'holds a template, {{ … }}: render it first, or put the value in quotes';

function mistake(error: YAMLParseError, from: Text): YamlMistake {
  const { line } = from.lines.linePos(error.pos[0]);
  const here = lineOf(from, line);
  for (const explain of explanations) {
    const said = explain(error, here, from);
    if (typeof said === 'string') return { line, message: said };
    if (said) return said;
  }
  return { line, message: error.message };
}

/** Says what is wrong in this line, or in another one. Undefined if the error is of another kind. */
type Explain = (error: YAMLParseError, here: string, from: Text) => string | YamlMistake | undefined;

/** The first that knows the error explains it. */
const explanations: readonly Explain[] = [
  (_, here) => (/\{\{/.test(here) ? template : undefined),
  ({ code }) => (code === 'TAB_AS_INDENT' ? 'a tab stands in the indentation: use spaces' : undefined),
  keyTwice,
  ({ code }) =>
    code === 'MULTIPLE_DOCS'
      ? 'a second document begins here, and a configuration is one document: remove the line ---'
      : undefined,
  openQuote,
  openBracket,
  ({ message }) => {
    const [, kind] = /^Unexpected flow-(seq|map)-end/.exec(message) ?? [];
    return kind && `a ${kind === 'seq' ? ']' : '}'} too many`;
  },
  ({ code, pos }, _, { text }) =>
    code === 'BAD_SCALAR_START' ? `a value cannot begin with ${text[pos[0]]}: put it in quotes` : undefined,
  ({ code, pos }, _, { text }) =>
    code === 'BAD_ALIAS'
      ? `a value that begins with ${text[pos[0]]} is ${text[pos[0]] === '*' ? 'an alias' : 'an anchor'} of YAML: put it in quotes`
      : undefined,
  ({ code, message }) =>
    code === 'BAD_DQ_ESCAPE'
      ? `${message.split(' ').at(-1)} is not an escape in double quotes: use single quotes`
      : undefined,
  missingSpace,
  missingComma,
  tooDeep,
  ({ code }, here) =>
    code === 'BLOCK_AS_IMPLICIT_KEY' && /:\s.*:(?:\s|$)/.test(here)
      ? 'the value holds a colon and a space: put it in quotes'
      : undefined,
  ({ message }) => (/must start at the same column/.test(message) ? betweenLevels : undefined),
  ({ code }, here) =>
    code === 'MULTILINE_IMPLICIT_KEY' && /^\s*-\s/.test(here)
      ? 'an entry of a list stands after a key that has another value: move it, or correct its indentation'
      : undefined,
  ({ code, message }) =>
    code === 'MULTILINE_IMPLICIT_KEY' || /without - indicator|followed by map values/.test(message)
      ? 'the line is neither a key with a colon nor an entry with a hyphen at this indentation'
      : undefined,
  ({ message }) =>
    /at node end$/.test(message)
      ? 'something follows the value: put the whole value in quotes, or correct the indentation'
      : undefined,
];

function keyTwice({ code, pos }: YAMLParseError, _: string, { text }: Text): string | undefined {
  if (code !== 'DUPLICATE_KEY') return undefined;
  const key = /^[^:\s,}]+/.exec(text.slice(pos[0], pos[0] + 80))?.[0] ?? '';
  return /^-\w/.test(key)
    ? `a space is missing after the hyphen: write - ${key.slice(1)}`
    : `the key ${key} stands twice: each key of a mapping must be unique`;
}

/** `name:a` is a text and no key. */
function missingSpace({ code }: YAMLParseError, here: string): string | undefined {
  if (code !== 'MULTILINE_IMPLICIT_KEY' && code !== 'MISSING_CHAR') return undefined;
  const [, key, value] = /^\s*(?:- )?([A-Za-z][\w-]*):(?!\/\/)(\S.*)$/.exec(here) ?? [];
  return key && value ? `a space is missing after the colon: write ${key}: ${value.slice(0, 40)}` : undefined;
}

function openQuote({ pos, message }: YAMLParseError, _: string, { text, document, lines }: Text) {
  if (!/^Missing closing/.test(message)) return undefined;
  let said: YamlMistake | undefined;
  visit(document, {
    Scalar(__, { type, range }) {
      if (!type?.startsWith('QUOTE') || !range || range[0] >= pos[0] || range[1] < pos[0]) return undefined;
      const { line } = lines.linePos(range[0]);
      said = { line, message: `the quote ${text[range[0]]} that begins here is not closed` };
      return visit.BREAK;
    },
  });
  return said;
}

/** A bracket or brace that is not closed. */
function openBracket({ pos, message }: YAMLParseError, _: string, { text, document, lines }: Text) {
  const closer = /^(?:Flow|Expected flow) .*end with (?:a )?([\]}])/.exec(message)?.[1];
  if (!closer) return undefined;
  const opener = closer === ']' ? '[' : '{';
  let said: YamlMistake | undefined;
  visit(document, {
    Collection(__, { range }) {
      if (!range || text[range[0]] !== opener || range[0] >= pos[0] || text[range[1] - 1] === closer) return;
      said = { line: lines.linePos(range[0]).line, message: `the ${opener} that begins here is not closed` };
    },
  });
  return said ?? `a ${closer} is missing`;
}

/** Two entries between brackets or braces that are closed. */
function missingComma({ code, pos, message }: YAMLParseError, here: string, { text, document }: Text) {
  const isEnded = /at node end$/.test(message) && /[\]}"'] +[^\s#].*[\]}]/.test(here);
  if (isEnded || /^Missing , /.test(message)) return comma;
  const isLikely = code === 'UNEXPECTED_TOKEN' || code === 'MULTILINE_IMPLICIT_KEY';
  let found: string | undefined;
  visit(document, {
    Collection(__, { flow, range }) {
      if (isLikely && flow && range && range[0] < pos[0] && pos[0] < range[1])
        found = /[\]}]/.test(text[range[1] - 1] ?? '') ? comma : undefined;
    },
  });
  return found;
}

const comma = 'a comma is missing between two entries';

/** A key that is indented further than the line above, although that one does not begin a mapping. */
function tooDeep({ code, pos }: YAMLParseError, here: string, from: Text): YamlMistake | undefined {
  const { document, lines } = from;
  const twoLines = document.errors.find(
    (one) => one.code === 'MULTILINE_IMPLICIT_KEY' && one.pos[0] === pos[0],
  );
  const line = lines.linePos(pos[0]).line + 1;
  if (!twoLines || lines.linePos(twoLines.pos[1]).line < line) return undefined;
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return { line, message: 'the line is indented further than the key above it, which has a value already' };
  return lineOf(from, line).search(/\S/) > here.search(/\S/) ? { line, message: betweenLevels } : undefined;
}

const betweenLevels = 'the indentation of this line is neither that of the line above nor that of its parent';

function lineOf({ text, lines }: Text, line: number): string {
  const start = lines.lineStarts[line - 1] ?? 0;
  const end = text.indexOf('\n', start);
  return text.slice(start, Math.min(end < 0 ? text.length : end, start + 1_000)).replace(/\r$/, '');
}
