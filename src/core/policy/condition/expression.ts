import type { ParseResult } from '@marcbachmann/cel-js';
import { Malformed } from '../../../lib/malformed.ts';
import type { Cost } from './cost.ts';
import { withTheirNames } from './functions.ts';
import type { Reads } from './reads.ts';
import { surveyCondition } from './survey.ts';
import { language } from './types.ts';

/** An expression in the language of conditions: its names, forms and types are those of the language. */
export interface Expression {
  readonly source: string;
  /** Of its result, as cel-js calls it. */
  readonly type: string;
  readonly reads: Reads;
  readonly cost: Cost;
  readonly evaluate: ParseResult;
}

const maxLength = 4_096;

/** What would be right, by the code of an error of cel-js. */
const remedies: Readonly<Record<string, string>> = {
  no_such_overload: 'both sides must be of one type; ! takes a bool, and `in` a list on its right',
  no_matching_overload: 'it must be asked of a value that has it, with arguments of its type',
  invalid_logical_operand: 'compare it with something, such as == true',
  invalid_condition_type: 'compare it with something, such as == true',
  incompatible_ternary_branches: 'both results must be of one type',
  heterogeneous_list_element: 'all elements of a list must be of one type',
  reserved_identifier: 'call it something else',
  limit_exceeded: 'make several rules of it',
};

/** Malformed says what is wrong, at which line and column, and what would be right. */
export function readExpression(source: string): Expression | Malformed {
  if (source.length > maxLength) return new Malformed(`longer than ${maxLength} characters`);
  let parsed: ParseResult;
  try {
    parsed = language.parse(source);
  } catch (error) {
    return refused(source, error);
  }
  const surveyed = surveyCondition(parsed.ast, source.length);
  if ('why' in surveyed) return new Malformed(`${formatPlace(source, surveyed.at)}: ${surveyed.why}`);
  const { valid, type, error } = parsed.check();
  if (!valid) return refused(source, error);
  return { source, type: String(type), ...surveyed, evaluate: parsed };
}

function refused(source: string, error: unknown): Malformed {
  if (!(error instanceof Error) || !('summary' in error) || !('code' in error))
    return new Malformed('it cannot be read: it is nested too deeply');
  const at = errorOffset(error);
  const place = at === undefined ? '' : `${formatPlace(source, at)}: `;
  const remedy = remedies[String(error.code)];
  const summary = withTheirNames(String(error.summary));
  return new Malformed(`${place}${summary}${remedy === undefined ? '' : `; ${remedy}`}`);
}

/** Where in the expression, as far as an error of cel-js says it. */
export function errorOffset(error: object): number | undefined {
  const { range } = error as { readonly range?: { readonly start: number } };
  return range?.start;
}

/** Both counted from 1. */
export function formatPlace(source: string, at: number): string {
  const before = source.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
