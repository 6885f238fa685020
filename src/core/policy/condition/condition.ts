import { EvaluationError } from '@marcbachmann/cel-js';
import { Malformed } from '../../../lib/malformed.ts';
import { Denial } from '../../denial.ts';
import { type Expression, errorOffset, formatPlace, readExpression } from './expression.ts';
import { type ConditionFacts, presentFacts } from './facts.ts';

/** An expression that was read, understood and checked for types. */
export interface Condition extends Expression {
  /** As written, on one line and shortened: for the log. */
  readonly text: string;
}

/** Of one evaluation; about 20 ms. What could take more is denied without being tried. */
export const maxSteps = 1_000_000;

/**
 * Reads a condition: an expression of the Common Expression Language whose names, fields and functions exist and whose
 * types fit, so far as they can be known (claims have any type), with a bool for a result. Malformed says what is wrong,
 * at which line and column of the expression, and what would be right. Does **not** know which claims an issuer has.
 */
export function compileCondition(source: string): Condition | Malformed {
  const expression = readExpression(source);
  if (expression instanceof Malformed) return expression;
  const { type } = expression;
  // What comes out of a claim has to show when it is evaluated.
  if (type !== 'bool' && type !== 'dyn')
    return new Malformed(`the result is of type ${type}; it must be a bool, such as claims.tenant == 'acme'`);
  return { ...expression, text: shortened(source) };
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
    const at = errorOffset(error);
    const place = at === undefined ? '' : ` at ${formatPlace(condition.source, at)}`;
    return failed(condition, `${error.code}${place}`);
  }
}

function failed({ text }: Condition, why: string): Denial {
  return new Denial('condition_failed', `${why}: ${text}`);
}

function shortened(source: string): string {
  const text = source.replace(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
