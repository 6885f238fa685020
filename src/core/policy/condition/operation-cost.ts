/** The cost of single operations in steps, without that of the node itself. */
import { nothing, type Size, scaled, smaller, sum } from './size.ts';
import type { Operation } from './syntax.ts';
import type { Value } from './value.ts';

/** An error in cel-js takes about 4 µs: it has a stack trace, and quotes the expression. */
const stepsOfError = 200;
/** Counting the characters of a text costs this many times more than comparing it: CEL counts code points. */
const counting = 8;
/** Searching a text in another costs this many times more than comparing them. */
const searching = 16;

/** The cost of one error in an expression of this length. */
export function costOfError(length: number): Size {
  return { ...nothing, ones: stepsOfError + Math.ceil(length / 4) };
}

export function costOfOperation(op: Operation['op'], a: Value, b: Value): Size {
  switch (op) {
    case '==':
    case '!=':
      return smaller(a.size, b.size);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return smaller(a.length, b.length);
    case 'in':
      // A list is searched value by value, a map by name.
      return sum(a.length, b.size);
    case '+':
      return sum(a.size, b.size);
    default:
      return nothing;
  }
}

export function costOfFunction(name: string, argument: Value): Size {
  return scaled(argument.length, name === 'size' ? counting : 1);
}

export function costOfMethod(name: string, receiver: Value, argument: Value | undefined): Size {
  if (name === 'size') return scaled(receiver.length, counting);
  if (!argument) return nothing;
  return name === 'contains'
    ? scaled(sum(receiver.length, argument.length), searching)
    : smaller(receiver.length, argument.length);
}

/** The cost of a computed name: it is looked up, and the error quotes it if it is missing. */
export function costOfLookup(name: Value): Size {
  return scaled(name.length, 2);
}
