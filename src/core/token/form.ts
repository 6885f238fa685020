const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const SPACE = 0x20;
/** Not a byte of UTF-8, so a character that it replaces is never part of a name. */
const OTHER = 0xff;

/** Called with one decoded pair: the name from `name` to `equals`, the value from there to `end`. */
export type VisitPair = (bytes: Uint8Array, name: number, equals: number, end: number) => void;

/**
 * Walks through `application/x-www-form-urlencoded` (WHATWG URL §5.1), looks at each character once, and
 * creates no objects for pairs: `URLSearchParams` takes 10 ms for 60 KiB of `+&`. A broken escape stands for
 * itself. Empty pairs are skipped.
 * @param separators with `&;` a semicolon ends a pair too, as some readers have it
 * @returns all bytes, separators included
 */
export function walkPairs(text: string, separators: '&' | '&;', visit: VisitPair): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let at = 0;
  let name = 0;
  let equals = -1;
  for (let n = 0; n < text.length; n++) {
    let code = text.charCodeAt(n);
    if (code === AMPERSAND || (code === SEMICOLON && separators === '&;')) {
      if (at > name) visit(bytes, name, equals < 0 ? at : equals, at);
      name = at + 1;
      equals = -1;
    } else if (code === EQUALS) {
      if (equals < 0) equals = at;
    } else if (code === PLUS) code = SPACE;
    else if (code === PERCENT) {
      const byte = escaped(text, n);
      if (byte >= 0) {
        code = byte;
        n += 2;
      }
    } else if (code > 0x7f) code = OTHER;
    bytes[at++] = code;
  }
  if (at > name) visit(bytes, name, equals < 0 ? at : equals, at);
  return bytes.subarray(0, at);
}

/** The byte of an escape, or -1 if it is broken. */
export function escaped(text: string, percent: number): number {
  const high = digit(text.charCodeAt(percent + 1));
  if (high < 0) return -1;
  const low = digit(text.charCodeAt(percent + 2));
  return low < 0 ? -1 : high * 16 + low;
}

function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Whether the bytes are this ASCII name. */
export function isName(name: string, bytes: Uint8Array, begin: number, end: number): boolean {
  if (end - begin !== name.length) return false;
  for (let n = 0; n < name.length; n++) if (bytes[begin + n] !== name.charCodeAt(n)) return false;
  return true;
}

/** Whether a query has a parameter of this name, escaped or not. */
export function hasParameter(query: string, name: string): boolean {
  if (!query.includes('%') && !query.includes(name)) return false;
  let found = false;
  walkPairs(query, '&', (bytes, begin, equals) => {
    found ||= isName(name, bytes, begin, equals);
  });
  return found;
}
