/** A text for a message, shortened to `most` characters. */
export function excerpt(text: string, most = 60): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** The same in quotes, with control characters escaped. */
export function quoted(text: string, most = 60): string {
  return JSON.stringify(excerpt(text, most));
}

/** The first texts of a list, each shortened: `a, b, c and 4 more`. Looks at no more than it shows. */
export function listed(texts: readonly string[], most = 5, length = 60): string {
  const more = texts.length - most;
  const shown = texts.slice(0, most).map((text) => excerpt(text, length));
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
