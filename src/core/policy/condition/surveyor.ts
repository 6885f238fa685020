import type { ASTNode } from '@marcbachmann/cel-js';
import { Cost } from './cost.ts';
import { costOfError } from './operation-cost.ts';
import { ReadNames } from './reads.ts';
import type { Size } from './size.ts';
import type { Flaw } from './syntax.ts';
import { single, type Value } from './value.ts';

/** The variables that loops define, by their names. */
export type Scope = ReadonlyMap<string, Value>;

type Visit = (surveyor: Surveyor, node: ASTNode, scope: Scope) => Value;

/** What the survey of one expression has collected so far. */
export class Surveyor {
  readonly reads = new ReadNames();
  readonly cost = new Cost();
  readonly #visit: Visit;
  readonly #error: Size;
  /** The first one that was found. */
  flaw: Flaw | undefined;

  /** @param length characters of the expression */
  constructor(visit: Visit, length: number) {
    this.#visit = visit;
    this.#error = costOfError(length);
  }

  visit(node: ASTNode, scope: Scope): Value {
    return this.#visit(this, node, scope);
  }

  refuse(node: ASTNode, why: string): Value {
    this.flaw ??= { at: node.pos, why };
    return single;
  }

  refuseForm(node: ASTNode, why: string | undefined): Value | undefined {
    return why === undefined ? undefined : this.refuse(node, why);
  }

  addError(): void {
    this.cost.add(this.#error);
  }

  /** A value whose type is not known can cause an error, which costs more than a value. */
  mayFail(...values: readonly Value[]): void {
    if (values.some(({ dynamic }) => dynamic)) this.addError();
  }
}
