import type { ASTNode } from '@marcbachmann/cel-js';
import type { Condition } from '../core/policy/condition/condition.ts';
import { isNode } from './condition-text.ts';

/** A fact that a condition reads, such as `['claims', 'tenant']`, and values that may matter to it. */
export interface ConditionInput {
  readonly place: readonly string[];
  /** `undefined`: the fact is missing. */
  readonly values: readonly unknown[];
}

/**
 * What conditions read, with the literals that stand beside it in one comparison, values next to those, the
 * fresh text, and nothing. Facts whose names are computed are left out.
 * @param others values that the rules require of claims, which a condition may read too
 */
export function inputsOf(
  conditions: readonly Condition[],
  others: readonly unknown[],
  fresh: string,
): readonly ConditionInput[] {
  const found = new Map<string, { place: readonly string[]; values: Set<unknown> }>();
  for (const { evaluate } of conditions)
    for (const clause of clausesOf(evaluate.ast)) {
      const { places, literals } = surveyClause(clause);
      for (const place of places) {
        const key = place.join('\n');
        const input = found.get(key) ?? { place, values: new Set<unknown>() };
        found.set(key, input);
        for (const value of valuesFor([...literals, ...others], fresh)) input.values.add(value);
      }
    }
  return [...found.values()].map(({ place, values }) => ({ place, values: distinct([...values]) }));
}

/** The most texts and numbers of one comparison that are tried. */
const mostLiterals = 16;

function valuesFor(literals: readonly unknown[], fresh: string): readonly unknown[] {
  const used = literals.slice(0, mostLiterals);
  const texts = used.filter((one) => typeof one === 'string');
  const numbers = used
    .filter((one) => typeof one === 'number' || typeof one === 'bigint')
    .flatMap((one) => [-1, 0, 1].map((step) => Number(one) + step));
  const truths = used.length === 0 || used.some((one) => typeof one === 'boolean') ? [true, false] : [];
  const lists = texts.length === 0 ? [] : [...texts.map((one) => [one]), texts];
  return [...texts, ...numbers, ...truths, fresh, ...lists, undefined];
}

function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value) ?? '', value])).values()];
}

/** The parts of an expression between `&&`, `||`, `!` and `?:`. */
function clausesOf(node: ASTNode): readonly ASTNode[] {
  const inner =
    node.op === '&&' || node.op === '||' || node.op === '?:'
      ? node.args
      : node.op === '!_'
        ? [node.args]
        : [];
  return inner.length === 0 ? [node] : inner.flatMap((each) => clausesOf(each));
}

const roots = ['claims', 'request', 'token', 'peer', 'serviceAccount'];

function surveyClause(clause: ASTNode) {
  const places: (readonly string[])[] = [];
  const literals: unknown[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    if (!isNode(value)) return;
    const place = placeOf(value);
    const [root = '', ...fields] = place ?? [];
    if (roots.includes(root) && fields.length > 0) places.push([root, ...fields]);
    else if (value.op === 'value') literals.push(value.args);
    else if (value.op === 'in' && value.args[1].op === 'id' && value.args[1].args === 'claims') {
      const [{ args: name }] = value.args;
      if (typeof name === 'string') places.push(['claims', name]);
    } else visit(value.args);
  };
  visit(clause);
  return { places, literals };
}

/** The names on the way to a fact. Undefined if one is computed. */
function placeOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [target, member] = node.args as readonly [ASTNode, string | ASTNode];
  const before = placeOf(target);
  const name = typeof member === 'string' ? member : member.op === 'value' ? member.args : undefined;
  return before && typeof name === 'string' ? [...before, name] : undefined;
}

/** A value for each of some inputs. */
export type ConditionValues = readonly (readonly [place: readonly string[], value: unknown])[];

/**
 * Combinations of the values: all of them if they are few, else the given number of them, chosen evenly and
 * always the same.
 */
export function* combinations(inputs: readonly ConditionInput[], most: number): Generator<ConditionValues> {
  const all = inputs.reduce((product, { values }) => product * values.length, 1);
  const count = Math.min(all, most);
  // An odd step that has no factor in common with most products reaches every digit.
  const step = all <= most ? 1 : Math.max(1, Math.floor(all / most)) | 1;
  for (let n = 0; n < count; n++) {
    let rest = (n * step) % all;
    yield inputs.map(({ place, values }) => {
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return [place, value] as const;
    });
  }
}
