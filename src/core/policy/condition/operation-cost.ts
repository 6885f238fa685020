/** What single operations cost, in steps, beside the node itself. */
import { nothing, type Size, scaled, smaller, sum } from './size.ts';
import type { Operation } from './syntax.ts';
import type { Value } from './value.ts';

/** An error in cel-js makes a trace and shows the place in the text: about 4 µs. */
const stepsOfError = 200;
/** To count the characters of a text, times those to compare it: one by one, as CEL counts code points. */
const counting = 8;
/** To look for a text in another, times those to compare them. */
const searching = 16;

/** Of one error in an expression of this length. */
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
      // In a list one value after the other, in a map by the name.
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

/** A name that is computed is looked up, and named by the error where it is absent. */
export function costOfLookup(name: Value): Size {
  return scaled(name.length, 2);
}
