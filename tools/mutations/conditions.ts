import type { Mutation } from './mutation.ts';

const measured = ['test/core/policy/condition/measured-cost.test.ts'];
const conformance = ['test/core/policy/conformance/conformance.test.ts'];
const functions = ['test/core/policy/condition/functions.test.ts'];

/** Weakenings of the language of conditions. */
export const conditions: readonly Mutation[] = [
  {
    name: 'condition: `x in map` is false for a value that cannot be a key',
    file: 'src/core/policy/condition/facts.ts',
    from: "if (typeof asked === 'object')",
    to: "if (typeof asked === 'undefined')",
    also: ['test/core/policy/condition/hostile.test.ts'],
  },
  {
    name: 'condition: look for a text in another as the engine does, in the product of their lengths',
    file: 'src/core/policy/condition/search.ts',
    from: 'if (part.length <= shortEnough) return',
    to: 'if (part.length <= text.length) return',
    also: measured,
  },
  {
    name: 'condition: a search costs nothing',
    file: 'src/core/policy/condition/operation-cost.ts',
    from: '? scaled(sum(receiver.length, argument.length), searching)',
    to: '? nothing',
    also: measured,
  },
  {
    name: 'condition: a list that is compared counts as one value',
    file: 'src/core/policy/condition/operation-cost.ts',
    from: 'return smaller(a.size, b.size);',
    to: 'return { ...nothing, ones: 1 };',
    also: measured,
  },
  {
    name: 'condition: allow numbers without a sign, which are in no list',
    file: 'src/core/policy/condition/forms.ts',
    from: "return typeof value === 'object' && value !== null ? refusedForms.unsigned : undefined;",
    to: 'return undefined;',
    also: conformance,
  },
  {
    name: 'condition: allow a minus before anything, which overflows without an error',
    file: 'src/core/policy/condition/forms.ts',
    from: 'return isNumber(args) ? undefined : refusedForms.negation;',
    to: 'return isNumber(args) ? undefined : (undefined as typeof refusedForms.negation | undefined);',
    also: conformance,
  },
  {
    name: 'condition: allow a comparison on the right of another, which the library reads otherwise',
    file: 'src/core/policy/condition/forms.ts',
    from: "['in', '<', '<=', '>', '>='].includes(right.op)",
    to: 'right.op.length > 9',
    also: conformance,
  },
  {
    name: 'condition: int() takes a number that does not fit',
    file: 'src/core/policy/condition/functions.ts',
    from: 'if (Math.abs(value) < 2 ** 63)',
    to: 'if (true as boolean)',
    also: functions,
  },
  {
    name: 'condition: int() reads what BigInt() reads',
    file: 'src/core/policy/condition/functions.ts',
    from: ' && /^[+-]?\\d+$/.test(value))',
    to: ')',
    also: functions,
  },
  {
    name: 'condition: a time of any year, to which a span can be added past the last one',
    file: 'src/core/policy/condition/functions.ts',
    from: 'if (seconds >= firstSecond && seconds <= lastSecond) return seconds;',
    to: 'if (seconds >= firstSecond || seconds <= lastSecond) return seconds;',
    also: functions,
  },
  {
    name: 'show a header that could hold a credential in the log',
    file: 'src/core/policy/condition/describe-reads.ts',
    from: "isSecret(name, value) ? 'not shown' : textOf(value)",
    to: 'textOf(value)',
    also: ['test/core/policy/condition/describe-reads.test.ts'],
  },
];
