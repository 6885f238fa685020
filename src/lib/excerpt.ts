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

/**
 * A parsed JSON value: a text in quotes, a number, a bool, or the first entries of a list of these. A text is
 * shortened to `most` characters. An object is not shown. Neither is what looks like a JWT, because it could
 * be used.
 */
export function valueText(value: unknown, most = 60): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string')
    return /^eyJ[\w-]*\./.test(value) ? 'what looks like a token' : quoted(value, most);
  if (Array.isArray(value)) {
    const more = value.length - mostEntries;
    const shown = value
      .slice(0, mostEntries)
      .map((entry) => (Array.isArray(entry) ? 'a list' : valueText(entry, most)));
    return `[${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}]`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

const mostEntries = 5;
