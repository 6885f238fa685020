import type { ParseResult } from '@marcbachmann/cel-js';
import { Malformed } from '../../../lib/malformed.ts';
import type { Cost } from './cost.ts';
import { withTheirNames } from './functions.ts';
import type { Reads } from './reads.ts';
import { surveyCondition } from './survey.ts';
import { language } from './types.ts';

/** An expression that uses only the names, forms and types of the language of conditions. */
export interface Expression {
  readonly source: string;
  /** The type of its result, as cel-js names it. */
  readonly type: string;
  readonly reads: Reads;
  readonly cost: Cost;
  readonly evaluate: ParseResult;
}

const maxLength = 4_096;

/** How to correct an error, by its cel-js code. */
const remedies: Readonly<Record<string, string>> = {
  no_such_overload: 'both sides must be of one type; ! takes a bool, and `in` a list on its right',
  no_matching_overload: 'call it on a value that has it, with arguments of the right type',
  invalid_logical_operand: 'compare it with something, such as == true',
  invalid_condition_type: 'compare it with something, such as == true',
  incompatible_ternary_branches: 'both results must be of one type',
  heterogeneous_list_element: 'all elements of a list must be of one type',
  reserved_identifier: 'choose another name',
  limit_exceeded: 'split it into several rules',
};

/** Malformed says what is wrong, at which line and column, and how to correct it. */
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

/** The position of an error in the expression, if cel-js reports it. */
export function errorOffset(error: object): number | undefined {
  const { range } = error as { readonly range?: { readonly start: number } };
  return range?.start;
}

/** Line and column, counted from 1. */
export function formatPlace(source: string, at: number): string {
  const before = source.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
