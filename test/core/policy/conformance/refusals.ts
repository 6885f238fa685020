import { refusedForms } from '../../../../src/core/policy/condition/forms.ts';
import { shownForms } from './refused-forms.ts';

/** Why a case is refused when it is loaded, by what the message says. */
const kinds: readonly [kind: string, says: RegExp][] = [
  ['a function, method or macro that is not offered', / is not offered/],
  ['a name that conditions do not have', / is not known; there are: |is already a name/],
  [
    'types that do not fit, found before any request',
    /no such overload|no matching overload|must have the same type|requires bool|must be bool|cannot be range|must be int/,
  ],
  ['a time zone, or an argument too many', / takes (?:no argument|one argument|a name and an expression)$/],
  ['`has()` of something else than a path', /has\(\) /],
  [
    'syntax of messages, enums, optional values, quoted fields, or deep nesting',
    /Unexpected (?:token|character)|Expected \w+, got|invalid predicate iteration|nested too deeply|Exceeded max|Reserved identifier|Invalid|Unterminated|escape/,
  ],
];

/** Undefined if none is known. Then a person must look at the case. */
export function kindOfRefusal(why: string): string | undefined {
  for (const [name, said] of Object.entries(refusedForms))
    if (why.endsWith(said)) return `the form ${shownForms[name as keyof typeof refusedForms].form}`;
  return kinds.find(([, says]) => says.test(why))?.[0];
}
