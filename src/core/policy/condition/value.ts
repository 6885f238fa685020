import { larger, nothing, type Size, type Span, stepsOfText, sum } from './size.ts';

/** What is known about the value of an expression when a condition is loaded. */
export interface Value {
  /** Its type is known only when it is evaluated, so using it may be an error. */
  readonly dynamic: boolean;
  /** A time, a span of time, or a list that can contain one. */
  readonly temporal: boolean;
  /** The steps for reading all of it, as a comparison does. */
  readonly size: Size;
  /** For a text: the steps for reading its characters once. */
  readonly length: Size;
  /** For a list or map: the number of elements. */
  readonly span: Span;
  /** One of its elements. Undefined means: the same as the value itself. */
  readonly element: Value | undefined;
}

const one: Size = { ...nothing, ones: 1 };
const none: Span = { ones: 0, widths: 0 };
const wide: Span = { ones: 0, widths: 1 };

/** A value without parts: a number, bool or null. */
export const single: Value = {
  dynamic: false,
  temporal: false,
  size: one,
  length: nothing,
  span: none,
  element: undefined,
};
export const temporal: Value = { ...single, temporal: true };
/** A field or header. */
export const text: Value = {
  ...single,
  size: { ...one, texts: 1 },
  length: { ...nothing, texts: 1 },
};
/** `token.scopes`. */
export const textList: Value = { ...single, size: { ...one, wholes: 1 }, span: wide, element: text };
/** `request.headers`. Its elements are the names. */
export const textMap: Value = textList;
const claimElement: Value = {
  ...single,
  dynamic: true,
  size: { ...nothing, elements: 1 },
  length: { ...nothing, elements: 1 },
  span: wide,
};
/** A claim, or a part of one that is not an element of a list. */
export const claim: Value = {
  ...single,
  dynamic: true,
  size: { ...one, wholes: 1 },
  length: { ...nothing, texts: 1 },
  span: wide,
  element: claimElement,
};

/** A literal. */
export function literal(value: unknown): Value {
  if (typeof value !== 'string') return single;
  const steps = stepsOfText(value);
  return { ...single, size: { ...nothing, ones: 1 + steps }, length: { ...nothing, ones: steps } };
}

export function elementValue(value: Value): Value {
  return value.element ?? value;
}

/** The upper bound of two values, one of which is used. */
export function either(a: Value, b: Value): Value {
  return {
    dynamic: a.dynamic || b.dynamic,
    temporal: a.temporal || b.temporal,
    size: larger(a.size, b.size),
    length: larger(a.length, b.length),
    span: { ones: Math.max(a.span.ones, b.span.ones), widths: Math.max(a.span.widths, b.span.widths) },
    element: a.element || b.element ? either(elementValue(a), elementValue(b)) : undefined,
  };
}

/** Two texts or lists that are joined. */
export function joined(a: Value, b: Value): Value {
  return {
    ...either(a, b),
    size: sum(a.size, b.size),
    length: sum(a.length, b.length),
    span: { ones: a.span.ones + b.span.ones, widths: a.span.widths + b.span.widths },
  };
}

/** A list literal. */
export function listValue(elements: readonly Value[]): Value {
  const [first = single, ...rest] = elements;
  const element = rest.reduce(either, first);
  return {
    ...single,
    temporal: element.temporal,
    size: elements.reduce((size, value) => sum(size, value.size), one),
    span: { ones: elements.length, widths: 0 },
    element,
  };
}
