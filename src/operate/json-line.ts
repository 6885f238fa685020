/**
 * Parts of a JSON line that is put together by hand, field by field: a tenth of the garbage of a general
 * logger, and a part that is the same for many lines can be kept. `test/operate/json-line.test.ts` compares
 * it with pino.
 */

/** The most characters of a field with text from a caller. The rest is cut off and marked. */
const maxField = 512;

/** Shortens a text. Undefined if it is empty. */
export function cut(text: string | undefined): string | undefined {
  if (!text) return undefined;
  return text.length > maxField ? `${text.slice(0, maxField)}…` : text;
}

/** A text as JSON, without anything that a terminal obeys. */
function quoted(text: string): string {
  return isPlain(text) ? `"${text}"` : harmless(JSON.stringify(text));
}

/** Whether JSON and a terminal show a text as it is: printable ASCII but `"` and `\`. */
function isPlain(text: string): boolean {
  return /^[ !#-[\]-~]*$/.test(text);
}

/**
 * JSON escapes the C0 controls, but not DEL, the C1 controls, line separators and direction marks. JSON
 * syntax does not use them, so they are replaced in the finished text.
 */
export function harmless(json: string): string {
  return json.replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/**
 * The name of a field, ready to be written. Names that are put together for each line are a tenth of its
 * cost. An empty one leaves the field out.
 */
export type Key = `,"${string}":` | '';

/** The same for a text, with the first quote of its value. */
export type TextKey = `,"${string}":"` | '';

/** Nothing without a text. */
export function textField(key: TextKey, text: string | undefined): string {
  if (text === undefined || key === '') return '';
  return isPlain(text) ? `${key}${text}"` : key + quoted(text).slice(1);
}

/** The same for a word of our own, such as a reason. It is **not** escaped. */
export function wordField(key: TextKey, word: string | undefined): string {
  return word === undefined || key === '' ? '' : `${key}${word}"`;
}

/** Nothing without a list. */
export function listField(key: Key, texts: readonly string[] | undefined): string {
  return texts === undefined || key === '' ? '' : `${key}[${texts.map(quoted).join(',')}]`;
}

/** Nothing without a value. A number that is not finite is null: JSON has none. */
export function plainField(key: Key, value: number | boolean | undefined): string {
  if (value === undefined || key === '') return '';
  return key + (typeof value === 'boolean' || Number.isFinite(value) ? value : null);
}

/** The texts around the time at the beginning of a line. */
export interface LineHead {
  readonly before: string;
  readonly after: string;
}

/** Makes the beginning of a line, up to the time and what follows it. Formats each millisecond once. */
export function createLineHead<Kind extends string>(
  clock: () => number,
  heads: Readonly<Record<Kind, LineHead>>,
): (kind: Kind) => string {
  let at = Number.NaN;
  let of: Kind | undefined;
  let time = '';
  let head = '';
  return (kind) => {
    const now = clock();
    if (now === at && kind === of) return head;
    if (now !== at) time = new Date(now).toISOString();
    const { before, after } = heads[kind];
    head = before + time + after;
    at = now;
    of = kind;
    return head;
  };
}
