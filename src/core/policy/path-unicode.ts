import { Malformed } from '../../lib/malformed.ts';

/**
 * Characters whose compatibility form (NFKC) contains one of / \ ; ? # %, and two that Windows treats as a
 * slash. A test compares the list with NFKC.
 */
const delimiters =
  /[\u037e\u2044\u2047-\u2049\u2100\u2101\u2105\u2106\u2215\ufe14\ufe16\ufe54\ufe56\ufe5f\ufe68\ufe6a\uff03\uff05\uff0f\uff1b\uff1f\uff3c]/;
/** Characters that become only dots. */
const dots = /[\u2024-\u2026\ufe19\ufe30\ufe52\uff0e]/;
const segmentOfDots = /(?:^|\/)[.\u2024-\u2026\ufe19\ufe30\ufe52\uff0e]+(?=\/|$)/;

/**
 * Refuses a path in which characters outside ASCII become delimiters or dot segments in compatibility form,
 * as in `．．／admin`. Letters that look alike are **not** compared: `ａdmin` and `admin` are different segments.
 */
export function checkCompatibility(decoded: string): Malformed | undefined {
  return delimiters.test(decoded) || (dots.test(decoded) && segmentOfDots.test(decoded))
    ? new Malformed('a character that some readers take for a delimiter or a dot')
    : undefined;
}

/**
 * A path for readers who ignore case. Escapes are kept. Refused if the other case of a character outside
 * ASCII is an ASCII letter (the Kelvin sign, a long s, a dotless i), because readers disagree about these.
 * @param text with escapes of well-formed UTF-8, in upper case, and without an escaped ASCII letter
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

/** One form for both cases of a letter. A letter that would become several letters is unchanged. */
function otherCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper.toLowerCase() : character;
}
