/** Characters of a line for people. A certificate or a body can have thousands. */
const longest = 400;

/**
 * A text that a terminal shows as it is, on one line. What is in a log or in a request can contain what a
 * terminal obeys: controls, and marks that change the direction.
 */
export function printable(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return escaped(short);
}

/** The same without a limit, for a line of a file. */
export function escaped(line: string): string {
  return line.toWellFormed().replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
    /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
