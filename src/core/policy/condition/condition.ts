import { EvaluationError } from '@marcbachmann/cel-js';
import { Malformed } from '../../../lib/malformed.ts';
import { Denial } from '../../denial.ts';
import { describeReads } from './describe-reads.ts';
import { type Expression, errorOffset, formatPlace, readExpression } from './expression.ts';
import { type ConditionFacts, presentFacts } from './facts.ts';

/** An expression that was parsed and type-checked. */
export interface Condition extends Expression {
  /** The source on one line, shortened for the log. */
  readonly text: string;
  /**
   * Whether facts meet the condition. Denies if not (`condition_not_met`), and if it cannot be evaluated
   * (`condition_failed`): it reads a missing value, types do not match, it would cost too much, or the result
   * is not a bool. As in CEL, `||` and `&&` ignore an error on one side if the other side decides; `exists` and
   * `all` do the same. The detail shows what was read, without credentials. Never throws.
   */
  readonly check: (facts: ConditionFacts) => Denial | undefined;
}

/** The limit of one evaluation, about 20 ms. A condition that could take more is denied unevaluated. */
export const maxSteps = 1_000_000;

/**
 * Reads a condition: an expression of the Common Expression Language with known names, fields and functions,
 * matching types (claims have any type), and a bool as its result. Malformed says what is wrong, at which
 * line and column, and how to correct it. Does **not** know which claims an issuer has.
 */
export function compileCondition(source: string): Condition | Malformed {
  const expression = readExpression(source);
  if (expression instanceof Malformed) return expression;
  const { type } = expression;
  // The type of a claim is known only at evaluation.
  if (type !== 'bool' && type !== 'dyn')
    return new Malformed(`the result is of type ${type}; it must be a bool, such as claims.tenant == 'acme'`);
  const condition: Condition = {
    ...expression,
    text: shortened(source),
    check: (facts) => evaluateCondition(condition, facts),
  };
  return condition;
}

function evaluateCondition(condition: Condition, facts: ConditionFacts): Denial | undefined {
  try {
    const presented = presentFacts(condition.reads, facts);
    if (presented instanceof Malformed) return failed(condition, presented.why);
    const steps = condition.cost.for(presented.extent);
    // Written so that NaN is too large as well.
    if (!(steps <= maxSteps))
      return failed(condition, `up to ${steps} steps for lists of this length; ${maxSteps} are allowed`);
    const result: unknown = condition.evaluate(presented.context);
    if (result === true) return undefined;
    if (result === false)
      return new Denial('condition_not_met', `${condition.text}${whatItRead(condition, facts)}`);
    return failed(condition, 'the result is not a bool', facts);
  } catch (error) {
    if (!(error instanceof EvaluationError)) return failed(condition, 'it could not be evaluated', facts);
    const at = errorOffset(error);
    const place = at === undefined ? '' : ` at ${formatPlace(condition.source, at)}`;
    return failed(condition, `${error.code}${place}`, facts);
  }
}

/** @param facts if they explain it */
function failed(condition: Condition, why: string, facts?: ConditionFacts): Denial {
  const read = facts ? whatItRead(condition, facts) : '';
  return new Denial('condition_failed', `${why}: ${condition.text}${read}`);
}

function whatItRead({ reads }: Condition, facts: ConditionFacts): string {
  const read = describeReads(reads, facts);
  return read === '' ? '' : ` (${read})`;
}

function shortened(source: string): string {
  const text = source.replace(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
