import { Malformed } from '../../lib/malformed.ts';

/**
 * Characters whose compatibility form (NFKC) holds one of / \ ; ? # %, and two that Windows takes for a slash. A test
 * holds the list against what NFKC does.
 */
const delimiters =
  /[\u037e\u2044\u2047-\u2049\u2100\u2101\u2105\u2106\u2215\ufe14\ufe16\ufe54\ufe56\ufe5f\ufe68\ufe6a\uff03\uff05\uff0f\uff1b\uff1f\uff3c]/;
/** Those that become nothing but dots. */
const dots = /[\u2024-\u2026\ufe19\ufe30\ufe52\uff0e]/;
const segmentOfDots = /(?:^|\/)[.\u2024-\u2026\ufe19\ufe30\ufe52\uff0e]+(?=\/|$)/;

/**
 * Refuses a path in which characters outside ASCII become delimiters or dot segments for whoever brings it into a
 * compatibility form, as fullwidth ones would: `．．／admin`. Letters are not compared as what they look like: `ａdmin` is
 * another segment than `admin`.
 */
export function checkCompatibility(decoded: string): Malformed | undefined {
  return delimiters.test(decoded) || (dots.test(decoded) && segmentOfDots.test(decoded))
    ? new Malformed('a character that some readers take for a delimiter or a dot')
    : undefined;
}

/**
 * A path as those read it who ignore case, with its escapes kept. Refused where a character outside ASCII has a letter
 * of ASCII as its other case (the Kelvin sign, a long s, a dotless i): readers disagree about these.
 * @param text with escapes of well-formed UTF-8, in upper case, and no escape of a letter of ASCII
 */
export function foldCase(text: string): string | Malformed {
  if (!text.includes('%')) return text.toLowerCase();
  let isClear = true;
  const folded = text.replace(/(?:%[0-9A-F]{2})+|[^%]+/g, (part) => {
    if (!part.startsWith('%')) return part.toLowerCase();
    let characters = '';
    for (const character of decodeURIComponent(part)) {
      const other = character > '\x7f' ? otherCase(character) : character;
      if (character > '\x7f' && /[\0-\x7f]/.test(other)) isClear = false;
      characters += other;
    }
    return encodeURIComponent(characters);
  });
  return isClear
    ? folded
    : new Malformed('a character whose other case some readers take for a letter of ASCII');
}

/** The one form of a letter in both cases. One that would become several letters stays what it is. */
function otherCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper.toLowerCase() : character;
}
