/**
 * Helpers for expressions as cel-js parses them: kinds of nodes, names and paths, and messages about them.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { quoted } from '../../../lib/excerpt.ts';
import { isObjectName, type ObjectName, objects } from './types.ts';

/** Something that a condition may not contain, and its offset in the text. */
export interface Flaw {
  readonly at: number;
  readonly why: string;
}

/** A node of one of these kinds. */
export type Node<Op extends ASTNode['op']> = Extract<ASTNode, { op: Op }>;
/** An operator with two sides. */
export type Operation = Exclude<
  ASTNode,
  Node<'value' | 'id' | '.' | '.?' | '[]' | '[?]' | 'call' | 'rcall' | 'list' | 'map' | '?:' | '!_' | '-_'>
>;

export function noName(name: string): string {
  return isObjectName(name)
    ? `${name} is not a value; use one of its fields: ${listFields(name)}`
    : `${quoted(name)} is not known; there are: ${[...Object.keys(objects), 'claims'].join(', ')}`;
}

export function noField(object: ObjectName, name: string | undefined): string {
  const asked = name === undefined ? 'a field whose name is computed' : `the field ${quoted(name)}`;
  const query = object === 'request' && name === 'query' ? ' (servers read queries in different ways)' : '';
  return `${object} does not have ${asked}${query}; there are: ${listFields(object)}`;
}

function listFields(object: ObjectName): string {
  return Object.keys(objects[object]).join(', ');
}

/** `x.name`, or `x['name']`. */
export function nameIn(node: Node<'.' | '[]'>): string | undefined {
  if (node.op === '.') return node.args[1];
  const [, index] = node.args;
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}

/** `base.step.step`. */
export function pathIn(node: ASTNode): { readonly base: ASTNode; readonly steps: readonly string[] } {
  const steps: string[] = [];
  let base = node;
  while (base.op === '.') {
    steps.unshift(base.args[1]);
    base = base.args[0];
  }
  return { base, steps };
}

export function isClaims(node: ASTNode, variables: ReadonlyMap<string, unknown>): boolean {
  return node.op === 'id' && node.args === 'claims' && !variables.has('claims');
}

export function isHeaders(node: ASTNode, variables: ReadonlyMap<string, unknown>): boolean {
  return isField(node, 'request', 'headers', variables);
}

export function isField(
  node: ASTNode,
  object: ObjectName,
  field: string,
  variables: ReadonlyMap<string, unknown>,
): boolean {
  if ((node.op !== '.' && node.op !== '[]') || nameIn(node) !== field) return false;
  const [target] = node.args;
  return target.op === 'id' && target.args === object && !variables.has(object);
}

export function isCalled(known: Readonly<Record<string, number>>, name: string, count: number): boolean {
  return Object.hasOwn(known, name) && known[name] === count;
}

export function notCalled(shown: string, known: Readonly<Record<string, number>>, name: string): string {
  if (name === 'matches')
    return 'matches() is not offered, because a regular expression can take very long; use startsWith(), endsWith() or contains()';
  if (!Object.hasOwn(known, name))
    return `${shown} is not offered; there are: ${Object.keys(known).join(', ')}`;
  return `${shown} takes ${['no argument', 'one argument', 'a name and an expression'][known[name] ?? 0]}`;
}
