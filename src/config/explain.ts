import type * as z from 'zod';
import { didYouMean } from '../lib/nearest.ts';
import { type JsonSchema, settingsAt } from './json-schema.ts';

/** So many names are listed. A file with more unknown keys is probably not a configuration. */
const mostNames = 20;

type Explained = [path: readonly PropertyKey[], message: string];

/**
 * Turns an issue of the schema into places and messages. A message says what is wrong and what would be
 * right.
 */
export function explain(issue: z.core.$ZodIssue, schema: () => JsonSchema): Explained[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = settingsAt(schema(), path);
      const more = issue.keys.length - mostNames;
      return issue.keys
        .slice(0, mostNames)
        .map((key, index) => [
          [...path, key],
          `is not a setting; settings here: ${known.join(', ') || 'none'}${meant(key, known)}${more > 0 && index === mostNames - 1 ? `; ${more} more keys are not settings` : ''}`,
        ]);
    }
    case 'invalid_value':
      return [[path, valueSentence(issue.values.map(String), issue.input)]];
    case 'invalid_type':
      return [[path, typeSentence(issue.message, issue.expected)]];
    case 'invalid_key':
      return issue.issues.map(({ message }) => [path, message]);
    case 'invalid_union': {
      // The intended form is the one with an error below its top level. If there is none, the first error is
      // used.
      const deeper = (one: z.core.$ZodIssue) => one.path.length > 0 || one.code === 'unrecognized_keys';
      const deep = issue.errors.find((form) => form.some(deeper));
      if (!deep && issue.message.startsWith('must')) return [[path, issue.message]];
      const [first] = deep ?? issue.errors.flat();
      return first
        ? explain({ ...first, path: [...path, ...first.path] }, schema)
        : [[path, 'does not have one of the allowed forms']];
    }
    case 'too_small':
      return [[path, boundSentence(issue, 'at least', issue.minimum)]];
    case 'too_big':
      return [[path, boundSentence(issue, 'at most', issue.maximum)]];
    default:
      return [[path, issue.message]];
  }
}

function valueSentence(values: readonly string[], input: unknown): string {
  if (values.length === 1) return `must be ${values[0]}`;
  const missing = input === undefined ? 'is missing: ' : '';
  const known = values.length > mostNames ? `${values.length} names` : values.join(', ');
  return `${missing}must be one of ${known}${typeof input === 'string' ? didYouMean(input, values) : ''}`;
}

/** The message of the setting, if it has one of its own. */
function boundSentence(
  { message, origin }: { readonly message: string; readonly origin: string },
  most: 'at least' | 'at most',
  bound: number | bigint,
): string {
  if (!message.startsWith('Too ')) return message;
  const units: Record<string, readonly [one: string, many: string]> = {
    array: ['entry', 'entries'],
    string: ['character', 'characters'],
  };
  const unit = units[origin];
  return unit ? `must have ${most} ${bound} ${unit[bound === 1 ? 0 : 1]}` : `must be ${most} ${bound}`;
}

/**
 * What a key that is not a setting was probably meant to be. In `{name:x}`, YAML reads `name:x` as a key. The
 * documents write `listen.grpc` for a setting within another one.
 */
function meant(key: string, known: readonly string[]): string {
  const [name = '', value] = key.split(':');
  if (value !== undefined && known.includes(name)) return `; write a space after the colon of ${name}`;
  const [outer = '', ...inner] = key.split('.');
  if (inner.length > 0 && known.includes(outer))
    return `; write ${[outer, ...inner].join(': {')}: …${'}'.repeat(inner.length)}`;
  return didYouMean(key, known);
}

/** Zod's own message tells a missing value from a value of another type. */
function typeSentence(message: string, expected: string): string {
  if (message.startsWith('must')) return message;
  const kind: Record<string, string> = {
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    string: 'a string',
    int: 'a whole number',
  };
  const wanted = kind[expected] ?? `a ${expected}`;
  return message.endsWith('received undefined') ? `is missing: must be ${wanted}` : `must be ${wanted}`;
}
