import { isName } from './form.ts';

/** The form parameters with which a client authenticates (RFC 6749 §2.3.1, RFC 7521 §4.2). */
export const clientNames = [
  'client_id',
  'client_assertion',
  'client_assertion_type',
  'client_secret',
] as const;
export type ClientName = (typeof clientNames)[number];

const longest = Math.max(...clientNames.map(({ length }) => length));
const UNDERSCORE = 0x5f;
const C = 0x63;
const plain = new Uint8Array(longest + 1);
const NUL = 0;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * The client parameter that some form reader would take this name for. Case is ignored, and a run of
 * characters that are not letters counts as one `_`, because PHP reads `client.id` and `client_id[]` that
 * way. The same holds for the part before a NUL, where PHP ends a name, and for the part before or within
 * brackets, where readers of lists end it: `client_id[x]`, `[client_id]x`. Looks at each byte twice at most.
 */
export function clientNameIn(bytes: Uint8Array, begin: number, end: number): ClientName | undefined {
  return nameIn(bytes, begin, end) ?? nameIn(bytes, begin, cutOff(bytes, begin, end));
}

/** Where the name ends for a reader who does not read all of it. */
function cutOff(bytes: Uint8Array, begin: number, end: number): number {
  let begun = false;
  for (let at = begin; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (begun && (byte === NUL || byte === OPENING || byte === CLOSING)) return at;
    begun ||= toLetter(byte) !== 0;
  }
  return end;
}

function nameIn(bytes: Uint8Array, begin: number, end: number): ClientName | undefined {
  let length = 0;
  for (let at = begin; at < end; at++) {
    const letter = toLetter(bytes[at] ?? 0);
    // All parameters begin with `c`, and most other names do not.
    if (length === 0 && letter !== C && letter !== 0) return undefined;
    if (letter !== 0) plain[length++] = letter;
    else if (length > 0 && plain[length - 1] !== UNDERSCORE) plain[length++] = UNDERSCORE;
    if (length > longest && !(length === longest + 1 && letter === 0)) return undefined;
  }
  if (plain[length - 1] === UNDERSCORE) length--;
  return clientNames.find((name) => isName(name, plain, 0, length));
}

/** The letter in lower case, or 0 for any other byte. */
function toLetter(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower : 0;
}
