const maxLength = 8192;

/**
 * The one rule for values that cannot stand in a header as they are: `%`, control characters, everything outside ASCII,
 * and spaces at either end are percent-encoded as UTF-8 (RFC 3986 §2.1); the application decodes each value to get
 * exactly what the issuer signed. In a list the separator is encoded too, so that no value can pass for two; for an access
 * log in text, the quote that ends a value there.
 * Longer than 8192 characters, or no Unicode: undefined, so that the header is removed rather than cut.
 */
export function headerValue(
  values: readonly string[],
  separator: ',' | ' ' | '"' | '' = '',
): string | undefined {
  // Lone surrogates would all become the same bytes. The token's reader refuses them earlier.
  if (!values.every((value) => value.isWellFormed())) return undefined;
  const text = values.map((value) => encode(value, separator)).join(separator);
  return text.length > maxLength ? undefined : text;
}

function encode(value: string, separator: string): string {
  if (/^[!#$&-+\--~]*$/.test(value)) return value; // printable, and neither space nor % nor comma nor quote
  let encoded = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(byte);
    const keep = byte >= 0x20 && byte < 0x7f && character !== '%' && character !== separator;
    encoded += keep ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded.replace(/^ +| +$/g, (spaces) => '%20'.repeat(spaces.length));
}
