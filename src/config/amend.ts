import { isDeepStrictEqual } from 'node:util';
import { createTwoFilesPatch } from 'diff';
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type ToStringOptions,
} from 'yaml';
import { moveChanges } from './move-changes.ts';
import { type ShortenedText, shortenList } from './shorten.ts';

/** A place in a document, such as `['rules', 0, 'require', 'scopes']`. */
export type SettingPath = readonly (string | number)[];

/** One change of a configuration. `insert` puts an entry before that index of a list, or at its end. */
export type Amendment =
  | { readonly kind: 'set'; readonly path: SettingPath; readonly value: unknown }
  | { readonly kind: 'insert'; readonly path: SettingPath; readonly index: number; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: SettingPath };

/** A text, and the same text as the YAML library has it. */
export interface WrittenYaml {
  readonly text: string;
  readonly document: Document;
}

/**
 * Changes the text of a configuration. Comments stay, and so does the layout of all other lines wherever that
 * is possible. Does **not** check the result: read it with `parseConfig`.
 * @param text YAML that was read without an error
 * @throws TypeError if a path leads through something that is neither a list nor a mapping
 */
export function amendText(text: string, amendments: readonly Amendment[]): string {
  return amendWritten({ text, document: parseDocument(text) }, amendments).text;
}

/** Does the same for a text that was read before. */
export function amendWritten({ text, document }: WrittenYaml, amendments: readonly Amendment[]): WrittenYaml {
  const layout = layoutOf(text, document);
  const [amendment, ...others] = amendments;
  const short =
    amendment && others.length === 0 ? shortenList(text, document, placeOf(amendment)) : undefined;
  const changed =
    short &&
    amendment &&
    short.restore(amendWhole(short.text, parseDocument(short.text), [moved(amendment, short)], layout));
  return written(changed ?? amendWhole(text, document, amendments, layout));
}

/** The document is read when somebody asks for it. */
function written(text: string): WrittenYaml {
  let document: Document | undefined;
  return {
    text,
    get document() {
      document ??= parseDocument(text);
      return document;
    },
  };
}

/** Where the change is, down to the entry of a list. */
function placeOf(amendment: Amendment): SettingPath {
  return amendment.kind === 'insert' ? [...amendment.path, amendment.index] : amendment.path;
}

/** The same change of a text without the first entries of a list. */
function moved(amendment: Amendment, { list, skipped }: ShortenedText): Amendment {
  const [key, index, ...rest] = amendment.path;
  if (key !== list || skipped === 0) return amendment;
  if (index === undefined)
    return amendment.kind === 'insert' ? { ...amendment, index: amendment.index - skipped } : amendment;
  return { ...amendment, path: [key, Number(index) - skipped, ...rest] };
}

function amendWhole(
  text: string,
  document: Document,
  amendments: readonly Amendment[],
  layout: Layout,
): string {
  const changed = amendDocument(document, amendments);
  const after = changed.toString(layout);
  // The library writes the whole document in its own layout, so only what changed is taken from it.
  const amended = moveChanges(text, document.toString(layout), after);
  const again = parseDocument(amended);
  return again.errors.length === 0 && isDeepStrictEqual(again.toJS(), changed.toJS()) ? amended : after;
}

/**
 * A changed document. The parts that are not changed are shared with the one before, which stays as it is.
 * @throws TypeError if a path leads through something that is neither a list nor a mapping
 */
export function amendDocument(document: Document, amendments: readonly Amendment[]): Document {
  const changed = copyOf(document);
  for (const amendment of amendments) {
    changed.contents = copyAlong(changed.contents, amendment.path) as typeof changed.contents;
    apply(changed, amendment);
  }
  return changed;
}

/** The difference of two texts in the unified format, as `diff -u` writes it; '' if there is none. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const patch = createTwoFilesPatch(file, file, before, after, '', '', { context: 3 });
  return patch.slice(patch.indexOf('---'));
}

type Layout = ToStringOptions & { readonly indent: number; readonly indentSeq: boolean };

const layouts: readonly Layout[] = [2, 4].flatMap((indent) =>
  [true, false].map((indentSeq) => ({ indent, indentSeq, lineWidth: 0, flowCollectionPadding: false })),
);

/** The layout in which the library writes the most lines as they are. */
function layoutOf(text: string, document: Document): Layout {
  const own = new Set(text.split('\n'));
  const sample = firstEntries(document);
  const kept = (layout: Layout) =>
    sample
      .toString(layout)
      .split('\n')
      .filter((line) => own.has(line)).length;
  return layouts
    .map((layout) => ({ layout, lines: kept(layout) }))
    .reduce((best, one) => (one.lines > best.lines ? one : best)).layout;
}

/** Entries of a list that show the layout. To write thousands of rules four times would take a second. */
const enough = 200;

function firstEntries(document: Document): Document {
  const sample = copyOf(document);
  if (!isMap(document.contents)) return sample;
  const contents = copyOf(document.contents);
  contents.items = contents.items.map((pair) => {
    const { value } = pair;
    if (!isSeq(value) || value.items.length <= enough) return pair;
    const first = copyOf(value);
    first.items = value.items.slice(0, enough);
    return Object.assign(copyOf(pair), { value: first });
  });
  sample.contents = contents;
  return sample;
}

/** Copies the collections that a path leads through, and shares everything else. */
function copyAlong(node: unknown, [key, ...rest]: SettingPath): unknown {
  if (!isCollection(node)) return node;
  const copy = copyOf(node);
  copy.items = [...node.items];
  if (key === undefined) return copy;
  const at = isMap(node) ? node.items.findIndex((pair) => nameOf(pair) === key) : Number(key);
  const entry = copy.items[at];
  if (isPair(entry)) copy.items[at] = Object.assign(copyOf(entry), { value: copyAlong(entry.value, rest) });
  else if (entry !== undefined) copy.items[at] = copyAlong(entry, rest);
  return copy;
}

function nameOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

/** Its parts are shared. */
function copyOf<Whole extends object>(whole: Whole): Whole {
  return Object.create(Object.getPrototypeOf(whole), Object.getOwnPropertyDescriptors(whole));
}

function apply(document: Document, amendment: Amendment): void {
  const { kind, path } = amendment;
  if (kind === 'remove') document.deleteIn(path);
  else if (kind === 'set') document.setIn(path, document.createNode(amendment.value));
  else insert(document, path, amendment.index, amendment.value);
}

function insert(document: Document, path: SettingPath, index: number, value: unknown): void {
  const list = document.getIn(path) as { items?: unknown[]; flow?: boolean } | undefined;
  const entry = document.createNode(value);
  if (list === undefined || list === null) document.setIn(path, document.createNode([value]));
  else if (!Array.isArray(list.items)) throw new TypeError(`${path.join('.')} is not a list`);
  else {
    // `[]` says nothing about the layout of its first entry.
    if (list.items.length === 0) list.flow = false;
    list.items.splice(Math.min(index, list.items.length), 0, entry);
  }
}
