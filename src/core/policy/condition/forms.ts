/** Forms of CEL that conditions cannot use, because cel-js gets some of their values wrong. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { type Node, nameIn, type Operation } from './syntax.ts';
import type { Value } from './value.ts';

/** For the author of a condition: what to write instead of each form. */
export const refusedForms = {
  unsigned: 'unsigned numbers (3u) are not supported; leave out the u',
  bytes: 'bytes are not supported; use a text',
  map: 'maps and optional values are not supported; use lists and has()',
  largeInt: 'a whole number literal is at most 9007199254740992 (2^53); compare texts instead',
  negation: 'a minus is allowed only before a number literal; write 0 - x instead',
  division: 'the number on the right must be a literal without a minus',
  timeArithmetic:
    "only these are supported: a time minus a time, such as request.time - timestamp(int(claims.auth_time)), and a time plus or minus one duration('…')",
  timestamp:
    "timestamp() takes a literal time in the years 1900 to 2099, with at most milliseconds, such as '2026-01-31T12:00:00Z', or int(…) of a claim in seconds",
  duration:
    "duration() takes a literal span in h, m, s or ms, with at most milliseconds, such as '90s' or '1h30m'",
  precedence: 'write the right side of == or != on the left, in parentheses, as in (b in c) == a',
  textOrder:
    'one side must be a number or a literal text without emoji and other rare characters, because other texts are ordered differently than in CEL; use int(…) or double(…) for numbers',
} as const;

export function refusedLiteral(value: unknown): string | undefined {
  if (typeof value === 'bigint' && value > 2n ** 53n) return refusedForms.largeInt;
  if (value instanceof Uint8Array) return refusedForms.bytes;
  // Every other object except null stands for an unsigned number.
  return typeof value === 'object' && value !== null ? refusedForms.unsigned : undefined;
}

export function refusedNegation({ args }: Node<'-_'>): string | undefined {
  return isNumber(args) ? undefined : refusedForms.negation;
}

export function refusedOperation(node: Operation, a: Value, b: Value): string | undefined {
  const { op } = node;
  const [left, right] = node.args;
  if (op === '/' || op === '%') return isNumber(right) ? undefined : refusedForms.division;
  if ((op === '+' || op === '-') && (a.temporal || b.temporal)) {
    const isRight = isTime(left) && (isSpan(right) || (op === '-' && isTime(right)));
    return isRight ? undefined : refusedForms.timeArithmetic;
  }
  if ((op === '==' || op === '!=') && ['in', '<', '<=', '>', '>='].includes(right.op))
    return refusedForms.precedence;
  if (op === '<' || op === '<=' || op === '>' || op === '>=')
    return isOrdered(left, a) || isOrdered(right, b) ? undefined : refusedForms.textOrder;
  return undefined;
}

function isNumber(node: ASTNode): boolean {
  return node.op === 'value' && (typeof node.args === 'bigint' || typeof node.args === 'number');
}

function isTime(node: ASTNode): boolean {
  if (node.op === 'call') return node.args[0] === 'timestamp';
  if (node.op !== '.' && node.op !== '[]') return false;
  const [target] = node.args;
  return target.op === 'id' && target.args === 'request' && nameIn(node) === 'time';
}

function isSpan(node: ASTNode): boolean {
  return node.op === 'call' && node.args[0] === 'duration';
}

/**
 * Whether a comparison with this side has the result of CEL. For characters below U+D800 the order of cel-js
 * is that of CEL.
 */
function isOrdered(node: ASTNode, { dynamic, length }: Value): boolean {
  if (node.op === 'value') return typeof node.args !== 'string' || /^[\0-\ud7ff]*$/.test(node.args);
  return !dynamic && length.texts + length.wholes + length.elements + length.ones === 0;
}

const timePattern =
  /^((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
/** At most four parts and less than 13 years. For such spans, differences of times are exact. */
const spanPattern =
  /^-?(?:\d{1,4}(?:\.\d{1,3})?h|\d{1,6}(?:\.\d{1,3})?m|\d{1,8}(?:\.\d{1,3})?s|\d{1,9}ms){1,4}$/;

export function isTimeArgument(name: 'timestamp' | 'duration', argument: ASTNode): boolean {
  if (name === 'duration') return spanPattern.test(writtenText(argument));
  return isWrittenTime(argument) || (argument.op === 'call' && argument.args[0] === 'int');
}

function isWrittenTime(node: ASTNode): boolean {
  const [, year, month, day] = timePattern.exec(writtenText(node)) ?? [];
  return day !== undefined && Number(day) <= daysInMonth(Number(year), Number(month));
}

function writtenText(node: ASTNode): string {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : '';
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && year !== 1900 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
