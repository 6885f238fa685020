import { Malformed } from '../lib/malformed.ts';

/**
 * Reads one record of comma-separated values (RFC 4180), the form of a list on the command line. Go reads the first line
 * of several and drops the others; they are refused here.
 */
export function parseRecord(text: string): readonly string[] | Malformed {
  if (text === '') return [];
  if (/[\r\n]/.test(text)) return new Malformed('must be one line: of several, oauth2-proxy reads the first');
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const [whole, quoted] = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest) ?? [];
    const field = whole ?? rest.split(',', 1)[0] ?? '';
    if (whole === undefined && field.includes('"'))
      return new Malformed('a quote must enclose a whole entry, and stand twice within one');
    fields.push(quoted === undefined ? field : quoted.replaceAll('""', '"'));
    if (field.length === rest.length) return fields;
    rest = rest.slice(field.length + 1);
  }
}
