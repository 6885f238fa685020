/** The most characters of a text that are shown. The writer of the log cuts at the same place. */
const mostShown = 512;

/** Printable ASCII: a terminal shows it as it is. */
const plain = /^[ -~]*$/;

/**
 * What a terminal obeys, or what hides: controls, direction marks, line separators, parts of characters,
 * characters that have no shape, spaces that are not the plain one, and marks that are piled up.
 */
const unclear = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{3})\p{M}/gu;

/** A text of any origin, with its unclear characters written as `\u{…}`. Its length is not limited. */
export function visible(text: string): string {
  return plain.test(text) ? text : text.replace(unclear, (one) => (one === ' ' ? one : escaped(one)));
}

/** The same for its beginning: no more characters than the writer of the log would keep. */
export function visibleStart(text: string): string {
  return text.length > mostShown ? `${visible(text.slice(0, mostShown))}…` : visible(text);
}

/**
 * A text as one word: in quotes if it could be taken for more than one word, or for the end of its own
 * quotes. So a value never looks like the field next to it.
 */
export function visibleWord(text: string): string {
  if (text.length <= mostShown && /^[!#-[\]-~]+$/.test(text)) return text;
  return `"${visibleStart(text.replace(/["\\]/g, '\\$&'))}"`;
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
