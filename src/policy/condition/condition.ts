import { EvaluationError, type ParseResult } from '@marcbachmann/cel-js';
import { Denial } from '../../denial.ts';
import { Malformed } from '../../malformed.ts';
import type { Cost } from './cost.ts';
import { type ConditionFacts, presentFacts, type Reads } from './facts.ts';
import { surveyCondition } from './survey.ts';
import { language } from './types.ts';

/** An expression that was read, understood and checked for types. */
export interface Condition {
  /** As written, on one line and shortened: for the log. */
  readonly text: string;
  readonly source: string;
  readonly reads: Reads;
  readonly cost: Cost;
  readonly evaluate: ParseResult;
}

const maxLength = 4_096;
/** Of one evaluation; about 20 ms. What could take more is denied without being tried. */
export const maxSteps = 1_000_000;

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

/**
 * Reads a condition: an expression of the Common Expression Language whose names, fields and functions exist and whose
 * types fit, so far as they can be known (claims have any type), with a bool for a result. Malformed says what is wrong,
 * at which line and column of the expression, and what would be right. Does **not** know which claims an issuer has.
 */
export function compileCondition(source: string): Condition | Malformed {
  if (source.length > maxLength) return new Malformed(`longer than ${maxLength} characters`);
  let parsed: ParseResult;
  try {
    parsed = language.parse(source);
  } catch (error) {
    return refused(source, error);
  }
  const surveyed = surveyCondition(parsed.ast, source.length);
  if ('why' in surveyed) return new Malformed(`${placeOf(source, surveyed.at)}: ${surveyed.why}`);
  const { valid, type, error } = parsed.check();
  if (!valid) return refused(source, error);
  // What comes out of a claim has to show when it is evaluated.
  if (type !== 'bool' && type !== 'dyn')
    return new Malformed(`the result is of type ${type}; it must be a bool, such as claims.tenant == 'acme'`);
  const text = shortened(source);
  return { text, source, ...surveyed, evaluate: parsed };
}

/**
 * Whether the facts meet the condition. Denies where they do not (`condition_not_met`), and where that cannot be found
 * out (`condition_failed`): something that is absent was read, types do not fit, it would cost too much, or the result
 * is no bool. As CEL has it, `||` and `&&` do not need a side that fails where the other one decides; so do `exists` and
 * `all`. The detail holds no values. Never throws.
 */
export function evaluateCondition(condition: Condition, facts: ConditionFacts): Denial | undefined {
  try {
    const presented = presentFacts(condition.reads, facts);
    if (presented instanceof Malformed) return failed(condition, presented.why);
    const steps = condition.cost.for(presented.extent);
    // Written so that a number that is none is too large as well.
    if (!(steps <= maxSteps))
      return failed(condition, `up to ${steps} steps for lists of this length; ${maxSteps} are allowed`);
    const result: unknown = condition.evaluate(presented.context);
    if (result === true) return undefined;
    if (result === false) return new Denial('condition_not_met', condition.text);
    return failed(condition, 'the result is no bool');
  } catch (error) {
    if (!(error instanceof EvaluationError)) return failed(condition, 'it could not be evaluated');
    const at = startOf(error);
    const place = at === undefined ? '' : ` at ${placeOf(condition.source, at)}`;
    return failed(condition, `${error.code}${place}`);
  }
}

function failed({ text }: Condition, why: string): Denial {
  return new Denial('condition_failed', `${why}: ${text}`);
}

function refused(source: string, error: unknown): Malformed {
  if (!(error instanceof Error) || !('summary' in error) || !('code' in error))
    return new Malformed('it cannot be read: it is nested too deeply');
  const { summary, code } = error;
  const at = startOf(error);
  const remedy = remedies[String(code)];
  return new Malformed(
    `${at === undefined ? '' : `${placeOf(source, at)}: `}${summary}${remedy === undefined ? '' : `; ${remedy}`}`,
  );
}

function startOf(error: object): number | undefined {
  const { range } = error as { readonly range?: { readonly start: number } };
  return range?.start;
}

/** Both counted from 1. */
function placeOf(source: string, at: number): string {
  const before = source.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function shortened(source: string): string {
  const text = source.replace(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
