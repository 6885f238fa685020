import { Malformed } from '../lib/malformed.ts';

/** Characters. A command line that a person pastes is far shorter. */
const longest = 262_144;

/**
 * Splits a command line as a POSIX shell does: spaces, single and double quotes, `\`, `$'…'` with the usual
 * escapes, and lines that go on after `\`. Does **not** expand variables, commands or patterns: a `$` in
 * double quotes stays as it is.
 */
export function shellWords(text: string): readonly string[] | Malformed {
  if (text.length > longest) return new Malformed(`longer than ${longest} characters`);
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    const piece = readPiece(text, at);
    if (piece instanceof Malformed) return piece;
    at = piece.end;
    if (piece.text !== undefined) word = (word ?? '') + piece.text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A part of a word, or a space between two of them: then the text is undefined. */
interface Piece {
  readonly text: string | undefined;
  readonly end: number;
}

function readPiece(text: string, at: number): Piece | Malformed {
  const first = text[at] ?? '';
  if (/\s/.test(first)) return { text: undefined, end: at + 1 };
  if (first === "'") return quoted(text, at + 1, at, /'/g, (inner) => inner);
  if (first === '$' && text[at + 1] === "'") return quoted(text, at + 2, at, /'|\\./gs, unescapeAnsi);
  if (first === '"')
    return quoted(text, at + 1, at, /"|\\./gs, (inner) =>
      inner.replace(/\\([\\"$`]|\n)/g, (_, one) => (one === '\n' ? '' : one)),
    );
  if (first !== '\\') {
    const end = indexOf(text, /[\s'"\\]|\$'/g, at + 1) ?? text.length;
    return { text: text.slice(at, end), end };
  }
  const next = text.slice(at + 1, at + 3) === '\r\n' ? '\n' : (text[at + 1] ?? '');
  // A line that goes on: neither a space nor a character.
  if (next === '\n') return { text: undefined, end: at + (text[at + 1] === '\r' ? 3 : 2) };
  return { text: next, end: at + 2 };
}

/** @param stops the closing quote, and what must be passed over on the way to it */
function quoted(
  text: string,
  from: number,
  begin: number,
  stops: RegExp,
  read: (inner: string) => string,
): Piece | Malformed {
  stops.lastIndex = from;
  for (let found = stops.exec(text); found; found = stops.exec(text))
    if (found[0].length === 1) return { text: read(text.slice(from, found.index)), end: found.index + 1 };
  return new Malformed(`the quote at character ${begin + 1} is not closed`);
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};

function unescapeAnsi(inner: string): string {
  return inner.replace(/\\(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2})|(.))/gs, (_, unicode, hex, one) => {
    const code = unicode ?? hex;
    return code === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16));
  });
}

function indexOf(text: string, what: RegExp, from: number): number | undefined {
  what.lastIndex = from;
  return what.exec(text)?.index;
}
