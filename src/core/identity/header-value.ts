const maxLength = 8192;
const SPACE = 0x20;

/**
 * Encodes values that cannot stand in a header unchanged: `%`, control characters, everything outside ASCII,
 * and spaces at either end become percent-encoded UTF-8 (RFC 3986 §2.1). The application decodes a value to
 * get exactly what the issuer signed. In a list the separator is encoded too, so one value cannot look like
 * two; for an access log in text format, the quote. Undefined if longer than 8192 characters or not Unicode:
 * the header is then removed, never cut.
 */
export function headerValue(
  values: readonly string[],
  separator: ',' | ' ' | '"' | '' = '',
): string | undefined {
  const [first = ''] = values;
  if (values.length === 1 && first.length <= maxLength && isUnchanged(first)) return first;
  // Encoding never makes a value shorter, so this is known to be too long already.
  let length = values.length - 1;
  for (const value of values) length += value.length;
  if (length > maxLength) return undefined;
  // Lone surrogates would all become the same bytes. The token reader refuses them earlier.
  if (!values.every((value) => value.isWellFormed())) return undefined;
  const text = values.map((value) => encode(value, separator)).join(separator);
  return text.length > maxLength ? undefined : text;
}

/** Whether encoding leaves a value as it is: printable ASCII, and neither a space nor `%` nor a separator. */
function isUnchanged(value: string): boolean {
  return /^[!#$&-+\--~]*$/.test(value);
}

function encode(value: string, separator: string): string {
  if (isUnchanged(value)) return value;
  const bytes = Buffer.from(value, 'utf8');
  const first = bytes.findIndex((byte) => byte !== SPACE);
  const last = bytes.findLastIndex((byte) => byte !== SPACE);
  let encoded = '';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const character = String.fromCharCode(byte);
    const inside = first >= 0 && at >= first && at <= last;
    const keep = inside && byte >= SPACE && byte < 0x7f && character !== '%' && character !== separator;
    encoded += keep ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
