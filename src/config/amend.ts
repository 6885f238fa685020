import { isDeepStrictEqual } from 'node:util';
import { createTwoFilesPatch } from 'diff';
import { type Document, parseDocument, type ToStringOptions } from 'yaml';
import { moveChanges } from './move-changes.ts';

/** A place in a document, such as `['rules', 0, 'require', 'scopes']`. */
export type SettingPath = readonly (string | number)[];

/** One change of a configuration. `insert` puts an entry before that index of a list, or at its end. */
export type Amendment =
  | { readonly kind: 'set'; readonly path: SettingPath; readonly value: unknown }
  | { readonly kind: 'insert'; readonly path: SettingPath; readonly index: number; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: SettingPath };

/**
 * Changes the text of a configuration. Comments stay, and so does the layout of all other lines wherever that
 * is possible. Does **not** check the result: read it with `parseConfig`.
 * @param text YAML that was read without an error
 * @throws TypeError if a path leads through something that is neither a list nor a mapping
 */
export function amendText(text: string, amendments: readonly Amendment[]): string {
  const layout = layoutOf(text);
  const document = parseDocument(text);
  for (const amendment of amendments) apply(document, amendment);
  const after = document.toString(layout);
  // The library writes the whole document in its own layout, so only what changed is taken from it.
  const amended = moveChanges(text, parseDocument(text).toString(layout), after);
  return means(amended, after) ? amended : after;
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
function layoutOf(text: string): Layout {
  const own = new Set(text.split('\n'));
  const document = parseDocument(text);
  const kept = (layout: Layout) =>
    document
      .toString(layout)
      .split('\n')
      .filter((line) => own.has(line)).length;
  return layouts
    .map((layout) => ({ layout, lines: kept(layout) }))
    .reduce((best, one) => (one.lines > best.lines ? one : best)).layout;
}

function means(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => parseDocument(text));
  return first?.errors.length === 0 && isDeepStrictEqual(first.toJS(), second?.toJS());
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
