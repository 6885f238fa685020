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

/** Text that stands in JSON as it is, and that a terminal shows as it is: printable ASCII but `"` and `\`. */
const plain = /^[ !#-[\]-~]*$/;

/** A text as JSON, without anything that a terminal obeys. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : harmless(JSON.stringify(text));
}

/**
 * JSON escapes the C0 controls, but not DEL, the C1 controls, line separators and direction marks. JSON
 * syntax does not use them, so they are replaced in the finished text.
 */
export function harmless(json: string): string {
  return json.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/**
 * The name of a field, ready to be written. Names that are put together for each line are a tenth of its
 * cost.
 */
export type Key<Name extends string> = `,"${Name}":`;

/** Nothing without a text. */
export function textField<Name extends string>(key: Key<Name>, text: string | undefined): string {
  return text === undefined ? '' : key + quoted(text);
}

/** Nothing without a list. */
export function listField<Name extends string>(key: Key<Name>, texts: readonly string[] | undefined): string {
  return texts === undefined ? '' : `${key}[${texts.map(quoted).join(',')}]`;
}

/** Nothing without a value. A number that is not finite is null: JSON has none. */
export function plainField<Name extends string>(key: Key<Name>, value: number | boolean | undefined): string {
  if (value === undefined) return '';
  return key + (typeof value === 'boolean' || Number.isFinite(value) ? value : null);
}

/** Makes the beginning of a line of the level `info`, up to the time. Formats each millisecond once. */
export function createLineHead(clock: () => number): () => string {
  let at = Number.NaN;
  let head = '';
  return () => {
    const now = clock();
    if (now !== at) head = `{"level":30,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return head;
  };
}
