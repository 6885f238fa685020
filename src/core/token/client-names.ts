import { isName } from './form.ts';

/** How a client authenticates itself in a form (RFC 6749 §2.3.1, RFC 7521 §4.2). */
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

/**
 * The client parameter that some reader of forms takes a name for: without case, and with anything that is no letter for
 * `_`, once, as PHP reads `client.id` and `client_id[]`. Undefined where it is none; one look at each byte.
 */
export function clientNameIn(bytes: Uint8Array, begin: number, end: number): ClientName | undefined {
  let length = 0;
  for (let at = begin; at < end; at++) {
    const letter = letterOf(bytes[at] ?? 0);
    // All of them begin with the same letter, and most names with another one.
    if (length === 0 && letter !== C && letter !== 0) return undefined;
    if (letter !== 0) plain[length++] = letter;
    else if (length > 0 && plain[length - 1] !== UNDERSCORE) plain[length++] = UNDERSCORE;
    if (length > longest && !(length === longest + 1 && letter === 0)) return undefined;
  }
  if (plain[length - 1] === UNDERSCORE) length--;
  return clientNames.find((name) => isName(name, plain, 0, length));
}

/** A letter in lower case; 0 for whatever is none. */
function letterOf(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower : 0;
}
