import type { ASTNode } from '@marcbachmann/cel-js';

/** An expression without its layout. Two texts that differ only in spaces and parentheses are equal. */
export function astText(node: ASTNode): string {
  return JSON.stringify(plain(node));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return `${value}n`;
  if (!isNode(value)) return value;
  return [value.op, plain(value.args)];
}

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
