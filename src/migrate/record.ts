import { Malformed } from '../lib/malformed.ts';

/**
 * Reads one record of comma-separated values (RFC 4180), the form of a list on the command line. Go reads
 * only the first of several lines. Several lines are an error here.
 */
export function parseRecord(text: string): readonly string[] | Malformed {
  if (text === '') return [];
  if (/[\r\n]/.test(text))
    return new Malformed('must be one line: oauth2-proxy reads only the first of several');
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const [whole, quoted] = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest) ?? [];
    const field = whole ?? rest.split(',', 1)[0] ?? '';
    if (whole === undefined && field.includes('"'))
      return new Malformed('quotes must enclose a whole entry; write a quote inside an entry twice');
    fields.push(quoted === undefined ? field : quoted.replaceAll('""', '"'));
    if (field.length === rest.length) return fields;
    rest = rest.slice(field.length + 1);
  }
}
