import { compileCondition } from '../../../../src/core/policy/condition/condition.ts';
import { readExpression } from '../../../../src/core/policy/condition/expression.ts';
import { presentFacts } from '../../../../src/core/policy/condition/facts.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { facts } from '../condition/conditions.ts';
import { asClaims } from './as-claims.ts';
import type { ConformanceCase, WrittenValue } from './suite.ts';

export type Verdict =
  | { readonly verdict: 'right' }
  | { readonly verdict: 'refused'; readonly why: string }
  | { readonly verdict: 'wrong'; readonly got: string; readonly wanted: string };

/** What the language of conditions makes of a case: the right value or error, a refusal when it is loaded, or neither. */
export function judge(given: ConformanceCase): Verdict {
  const { expr, claims } = asClaims(given);
  const expression = readExpression(expr);
  if (expression instanceof Malformed) return { verdict: 'refused', why: expression.why };
  if (given.expected === 'no value') return { verdict: 'right' };
  const wanted = given.expected === 'error' ? 'error' : shownWritten(given.expected.value);
  const got = expression.type === 'bool' ? decided(expr, claims) : evaluated(expr, claims);
  return got === wanted ? { verdict: 'right' } : { verdict: 'wrong', got, wanted };
}

/** As a rule decides by it. */
function decided(expr: string, claims: Readonly<Record<string, unknown>>): string {
  const condition = compileCondition(expr);
  if (condition instanceof Malformed) return condition.why;
  const denial = condition.check(facts({ claims }));
  if (denial === undefined) return 'true';
  return denial.reason === 'condition_not_met' ? 'false' : 'error';
}

/** What no rule decides by alone, but can compare. */
function evaluated(expr: string, claims: Readonly<Record<string, unknown>>): string {
  const expression = readExpression(expr);
  if (expression instanceof Malformed) return expression.why;
  const presented = presentFacts(expression.reads, facts({ claims }));
  if (presented instanceof Malformed) return presented.why;
  try {
    return shown(expression.evaluate(presented.context));
  } catch {
    return 'error';
  }
}

/** With its type: 1 and 1.0 are two values. */
function shown(value: unknown): string {
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${Object.is(value, -0) ? 0 : value}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, member]) => `${shown(key)}: ${shown(member)}`).join(', ')}}`;
  return String(value);
}

function shownWritten(written: WrittenValue): string {
  const [[kind, value] = []] = Object.entries(written);
  switch (kind) {
    case 'int64Value':
      return `int ${value}`;
    case 'doubleValue':
      return `double ${Number(value)}`;
    case 'stringValue':
      return JSON.stringify(value);
    case 'boolValue':
    case 'nullValue':
      return String(value);
    case 'listValue': {
      const { values = [] } = value as { readonly values?: readonly WrittenValue[] };
      return `[${values.map(shownWritten).join(', ')}]`;
    }
    default:
      return JSON.stringify(written);
  }
}
