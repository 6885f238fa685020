import { type Document, isMap, isNode, isScalar, isSeq } from 'yaml';

/** A text without most entries of its longest list. */
export interface ShortenedText {
  readonly text: string;
  /** The name of the list. */
  readonly list: string;
  /** How many entries were taken out before those that are left. Further ones were taken out behind them. */
  readonly skipped: number;
  /**
   * Puts the entries back into the text after a change.
   * @returns undefined if the places are not found, because the lines around them have changed
   */
  restore(changed: string): string | undefined;
}

/** A shorter list is not worth it. */
const many = 50;
/** Entries that are left before and behind the one that changes. */
const around = 2;
/** An alias behind an entry can stand for something in it. `&&` is an operator of conditions. */
const anchor = /(?:^|[\s[{,])&(?!&)/m;

/**
 * Takes most entries out of the longest list at the top of a document, because to read and write thousands of
 * rules takes a second. Whole lines are taken, from entry to entry of a list in block style, so what is left
 * means the same, and so does what is put back.
 * @param text of the document, which has no errors
 * @param path what changes; the entry of the list that it leads through is left
 * @returns undefined if no list is long, or if its entries do not begin with a line of their own
 */
export function shortenList(
  text: string,
  document: Document,
  [key, index]: readonly (string | number)[],
): ShortenedText | undefined {
  const { list, entries } = longestList(document);
  const last = entries.length - 1;
  if (entries.length <= many || anchor.test(text)) return undefined;
  const wanted = key === list ? Math.min(Number(index), entries.length) : 0;
  const skipped = Math.max(wanted - around, 0);
  const places = [0, skipped, Math.min(wanted + around + 1, last), last];
  const [first, from, behind, end] = places.map((at) => startOf(text, entries[at]));
  if (first === undefined || from === undefined || behind === undefined || end === undefined)
    return undefined;
  if (new Set([first, from, behind, end].map((start) => indentAt(text, start))).size > 1) return undefined;
  const [before, left, rest] = [text.slice(0, first), text.slice(from, behind), text.slice(end)];
  return {
    ...{ list, skipped },
    text: `${before}${left}${rest}`,
    restore(changed) {
      const half = insertBetween(changed, `${before}${left}`, rest, text.slice(behind, end));
      return half && insertBetween(half, before, text.slice(from), text.slice(first, from));
    },
  };
}

function longestList({ contents }: Document): {
  readonly list: string;
  readonly entries: readonly unknown[];
} {
  let longest = { list: '', entries: [] as readonly unknown[] };
  if (!isMap(contents)) return longest;
  for (const { key, value } of contents.items)
    if (isSeq(value) && !value.flow && value.items.length > longest.entries.length)
      longest = { list: String(isScalar(key) ? key.value : key), entries: value.items };
  return longest;
}

/** Where the line of an entry begins. Undefined if something stands between its hyphen and its value. */
function startOf(text: string, entry: unknown): number | undefined {
  const value = isNode(entry) ? entry.range?.[0] : undefined;
  if (value === undefined || value === 0) return undefined;
  const start = text.lastIndexOf('\n', value - 1) + 1;
  return /^ *- +$/.test(text.slice(start, value)) ? start : undefined;
}

function indentAt(text: string, start: number): number {
  return text.indexOf('-', start) - start;
}

/** Inserts between two texts of which one may have changed. Undefined if both have. */
function insertBetween(text: string, before: string, after: string, lines: string): string | undefined {
  if (lines === '') return text;
  const next = after.slice(0, after.indexOf('\n') + 1);
  if (text.startsWith(before) && text.startsWith(next, before.length))
    return `${before}${lines}${text.slice(before.length)}`;
  const end = text.length - after.length;
  return text.endsWith(after) && text[end - 1] === '\n' ? `${text.slice(0, end)}${lines}${after}` : undefined;
}
