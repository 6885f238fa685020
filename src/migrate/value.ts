import { Malformed } from '../lib/malformed.ts';
import type { OptionType } from './option.ts';
import { parseRecord } from './record.ts';

/** The value of an option. Numbers and spans of time stay texts: nothing is made of them. */
export type OptionValue = boolean | string | readonly string[];

/** Go's `strconv.ParseBool`. */
const bools: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};
const span = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Reads a value as the command line has it. */
export function valueOfFlag(type: OptionType, text: string): OptionValue | Malformed {
  return type === 'list' ? parseRecord(text) : scalar(type, text);
}

/** Reads a value as the environment has it: a list is cut at each comma. */
export function valueOfVariable(type: OptionType, text: string): OptionValue | Malformed {
  return type === 'list' ? text.split(',') : scalar(type, text);
}

/** Reads a value of the configuration file, where a text may stand for what it says, and one value for a list of one. */
export function valueOfKey(type: OptionType, raw: unknown): OptionValue | Malformed {
  if (type === 'list' && Array.isArray(raw)) {
    const texts = raw.map(textOf);
    return texts.every((text) => text !== undefined) ? texts : new Malformed('must be a list of strings');
  }
  const text = textOf(raw);
  if (text === undefined) return new Malformed(wanted[type]);
  if (type === 'list') return text === '' ? [] : valueOfVariable(type, text);
  if (type === 'bool' && text === '') return false;
  // A span that is a number counts nanoseconds.
  return type === 'duration' && typeof raw !== 'string' ? text : scalar(type, text);
}

const wanted: Readonly<Record<OptionType, string>> = {
  bool: 'must be true or false',
  string: 'must be a string',
  list: 'must be a list of strings',
  duration: 'must be a span of time such as 15m or 1h30m',
  number: 'must be a whole number',
};

/** Never says the text itself: it may be a secret that slipped into the wrong place. */
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
