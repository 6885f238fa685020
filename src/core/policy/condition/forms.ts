/** Forms of CEL that conditions cannot use, because cel-js gets some of their values wrong. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { type Node, nameIn, type Operation } from './syntax.ts';
import type { Value } from './value.ts';

export interface RefusedForm {
  /** As an author would write it. */
  readonly form: string;
  /** For the author: what to write instead. */
  readonly why: string;
  /** Cases of the conformance suite that cel-js gets wrong: section/group/name. May be empty. */
  readonly shownBy: readonly string[];
}

export const refusedForms = {
  unsigned: {
    form: '`3u`',
    why: 'unsigned numbers (3u) are not supported; leave out the u',
    shownBy: [
      'lists/in/uint_in_ints',
      'lists/in/uint_in_doubles',
      'lists/in/int_in_uints',
      'lists/in/double_in_uints',
      'comparisons/eq_literal/eq_list_mixed_type_numbers',
    ],
  },
  bytes: {
    form: "`b'…'`",
    why: 'bytes are not supported; use a text',
    shownBy: ['comparisons/eq_literal/eq_bytes', 'comparisons/ne_literal/not_ne_bytes'],
  },
  map: {
    form: '`{…}`, `.?`, `[?]`',
    why: 'maps and optional values are not supported; use lists and has()',
    shownBy: [
      'fields/qualified_identifier_resolution/map_key_float',
      'fields/qualified_identifier_resolution/map_key_null',
      'fields/qualified_identifier_resolution/map_value_repeat_key',
      'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
      'comparisons/eq_literal/eq_map_mixed_type_numbers',
    ],
  },
  largeInt: {
    form: '`9007199254740993`',
    why: 'a whole number literal is at most 9007199254740992 (2^53); compare texts instead',
    shownBy: [
      'comparisons/lt_literal/not_lt_dyn_int_big_lossy_double',
      'comparisons/gt_literal/not_gt_dyn_big_double_int',
      'comparisons/lte_literal/lte_dyn_big_double_int',
      'comparisons/gte_literal/gte_dyn_int_big_lossy_double',
    ],
  },
  negation: {
    form: '`-x`',
    why: 'a minus is allowed only before a number literal; write 0 - x instead',
    shownBy: ['integer_math/int64_math/int64_min_negate'],
  },
  division: {
    form: '`x / y`, `x % y`',
    why: 'the number on the right must be a literal without a minus',
    shownBy: ['integer_math/int64_math/int64_min_negate_div'],
  },
  timeArithmetic: {
    form: '`time + span + span`, `span - span`, `span + time`',
    why: "only these are supported: a time minus a time, such as request.time - timestamp(int(claims.auth_time)), and a time plus or minus one duration('…')",
    shownBy: ['timestamps/duration_range/add_over', 'timestamps/duration_range/sub_under'],
  },
  timestamp: {
    form: "`timestamp(x)`, `timestamp('9999-12-31T23:59:59Z')`",
    why: "timestamp() takes a literal time in the years 1900 to 2099, with at most milliseconds, such as '2026-01-31T12:00:00Z', or int(…) of a claim in seconds",
    shownBy: [
      'timestamps/timestamp_range/add_duration_over',
      'timestamps/timestamp_range/add_duration_under',
      'timestamps/timestamp_range/sub_time_duration_over',
      'timestamps/timestamp_arithmetic/add_time_to_duration_nanos_positive',
    ],
  },
  duration: {
    form: "`duration(x)`, `duration('320000000000s')`",
    why: "duration() takes a literal span in h, m, s or ms, with at most milliseconds, such as '90s' or '1h30m'",
    shownBy: ['timestamps/duration_range/from_string_over', 'timestamps/duration_range/from_string_under'],
  },
  precedence: {
    form: '`a == b in c`, `a != b < c`',
    why: 'write the right side of == or != on the left, in parentheses, as in (b in c) == a',
    shownBy: [],
  },
  textOrder: {
    form: '`claims.a < claims.b`',
    why: 'one side must be a number or a literal text without emoji and other rare characters, because other texts are ordered differently than in CEL; use int(…) or double(…) for numbers',
    shownBy: [],
  },
} as const satisfies Record<string, RefusedForm>;

export function refusedLiteral(value: unknown): RefusedForm | undefined {
  if (typeof value === 'bigint' && value > 2n ** 53n) return refusedForms.largeInt;
  if (value instanceof Uint8Array) return refusedForms.bytes;
  // Every other object except null stands for an unsigned number.
  return typeof value === 'object' && value !== null ? refusedForms.unsigned : undefined;
}

export function refusedNegation({ args }: Node<'-_'>): RefusedForm | undefined {
  return isNumber(args) ? undefined : refusedForms.negation;
}

export function refusedOperation(node: Operation, a: Value, b: Value): RefusedForm | undefined {
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
