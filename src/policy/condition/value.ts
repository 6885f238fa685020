import type { Size, Span } from './cost.ts';

/** What is known of the value of an expression before there are any facts. */
export interface Value {
  /** Its type shows only when it is evaluated, so using it may be an error. */
  readonly dynamic: boolean;
  readonly size: Size;
  /** Of a list or map: how many elements. */
  readonly span: Span;
  /** One of its elements. Undefined: like the value itself. */
  readonly element: Value | undefined;
}

const one: Size = { ones: 1, elements: 0, wholes: 0 };
const none: Span = { ones: 0, widths: 0 };
const wide: Span = { ones: 0, widths: 1 };

/** A text, number, bool, time: whatever has no parts. */
export const single: Value = { dynamic: false, size: one, span: none, element: undefined };
/** `token.scopes`. */
export const textList: Value = {
  dynamic: false,
  size: { ones: 1, elements: 0, wholes: 1 },
  span: wide,
  element: single,
};
/** `request.headers`; its elements are the names. */
export const textMap: Value = textList;
const claimElement: Value = {
  dynamic: true,
  size: { ones: 0, elements: 1, wholes: 0 },
  span: wide,
  element: undefined,
};
/** A claim, or anything in one that is not known to be an element of a list. */
export const claim: Value = {
  dynamic: true,
  size: { ones: 1, elements: 0, wholes: 1 },
  span: wide,
  element: claimElement,
};

export function elementOf(value: Value): Value {
  return value.element ?? value;
}

/** One of two values, or both of them in one. */
export function joined(a: Value, b: Value): Value {
  return {
    dynamic: a.dynamic || b.dynamic,
    size: {
      ones: a.size.ones + b.size.ones,
      elements: a.size.elements + b.size.elements,
      wholes: a.size.wholes + b.size.wholes,
    },
    span: { ones: a.span.ones + b.span.ones, widths: a.span.widths + b.span.widths },
    element: a.element || b.element ? joined(elementOf(a), elementOf(b)) : undefined,
  };
}

/** A list that is written out. */
export function listOf(elements: readonly Value[]): Value {
  const all = elements.reduce(joined, single);
  const element = elements.every((value) => value === single) ? single : all;
  return { dynamic: false, size: all.size, span: { ones: elements.length, widths: 0 }, element };
}

/** An upper bound of the smaller of two sizes: a comparison ends where the smaller value does. */
export function smaller(a: Size, b: Size): Size {
  const weight = ({ ones, elements, wholes }: Size) => wholes * 1_000_000 + elements * 1_000 + ones;
  return weight(a) <= weight(b) ? a : b;
}
