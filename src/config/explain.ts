import type * as z from 'zod';
import { didYouMean } from '../lib/nearest.ts';
import { type JsonSchema, settingsAt } from './json-schema.ts';

/** A file with more unknown keys than this is probably not a configuration. */
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
      return [
        [
          path,
          `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}${
            typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : ''
          }`,
        ],
      ];
    case 'invalid_type':
      return [[path, typeSentence(issue.message, issue.expected)]];
    case 'invalid_key':
      return issue.issues.map(({ message }) => [path, message]);
    case 'invalid_union': {
      // The intended form is the one with an error below its top level. If there is none, the first error is
      // used.
      const deeper = (one: z.core.$ZodIssue) => one.path.length > 0 || one.code === 'unrecognized_keys';
      const [first] = issue.errors.find((form) => form.some(deeper)) ?? issue.errors.flat();
      return first
        ? explain({ ...first, path: [...path, ...first.path] }, schema)
        : [[path, 'does not have one of the allowed forms']];
    }
    default:
      return [[path, issue.message]];
  }
}

/** What a key that is not a setting was probably meant to be. In `{name:x}`, YAML reads `name:x` as a key. */
function meant(key: string, known: readonly string[]): string {
  const [name = '', value] = key.split(':');
  if (value !== undefined && known.includes(name)) return `; write a space after the colon of ${name}`;
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
