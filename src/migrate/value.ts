import { Malformed } from '../lib/malformed.ts';
import type { OptionType } from './option.ts';

/** The value of an option. Numbers and durations stay texts, because they are not used. */
export type OptionValue = boolean | string | readonly string[];

/** Go's `strconv.ParseBool`. */
const bools: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};
const span = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Reads a value from the command line. */
export function valueOfFlag(type: OptionType, text: string): OptionValue | Malformed {
  return type === 'list' ? parseRecord(text) : scalar(type, text);
}

/** Reads a value from the environment. A list is split at each comma. */
export function valueOfVariable(type: OptionType, text: string): OptionValue | Malformed {
  return type === 'list' ? text.split(',') : scalar(type, text);
}

/**
 * Reads a value from the configuration file. A string may hold a value of any type, and one value is a list
 * of one.
 */
export function valueOfKey(type: OptionType, raw: unknown): OptionValue | Malformed {
  if (type === 'list' && Array.isArray(raw)) {
    const texts = raw.map(textOf);
    return texts.every((text) => text !== undefined) ? texts : new Malformed('must be a list of strings');
  }
  const text = textOf(raw);
  if (text === undefined) return new Malformed(wanted[type]);
  if (type === 'list') return text === '' ? [] : valueOfVariable(type, text);
  if (type === 'bool' && text === '') return false;
  // A duration that is a number is in nanoseconds.
  return type === 'duration' && typeof raw !== 'string' ? text : scalar(type, text);
}

const wanted: Readonly<Record<OptionType, string>> = {
  bool: 'must be true or false',
  string: 'must be a string',
  list: 'must be a list of strings',
  duration: 'must be a duration, such as 15m or 1h30m',
  number: 'must be a whole number',
};

/** Errors never quote the text: it may be a secret in the wrong place. */
function scalar(type: OptionType, text: string): OptionValue | Malformed {
  if (type === 'string') return text;
  if (type === 'bool')
    return (Object.hasOwn(bools, text) ? bools[text] : undefined) ?? new Malformed(wanted.bool);
  const right = type === 'number' ? /^[+-]?\d+$/.test(text) : span.test(text);
  return right ? text : new Malformed(wanted[type]);
}

function textOf(raw: unknown): string | undefined {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof raw) ? String(raw) : undefined;
}

/**
 * Reads one record of comma-separated values (RFC 4180), the form of a list on the command line. Go reads
 * only the first of several lines. Several lines are an error here.
 */
function parseRecord(text: string): readonly string[] | Malformed {
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
