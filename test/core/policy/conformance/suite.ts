/** The conformance suite of CEL, as the package `@bufbuild/cel-spec` carries it: Google's own cases, in JSON. */
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';

/** A value as the suite writes it: one member says the kind, such as `{int64Value: '3'}`. */
export type WrittenValue = Readonly<Record<string, unknown>>;

export interface ConformanceCase {
  readonly section: string;
  /** `section/group/name`. */
  readonly name: string;
  readonly expr: string;
  readonly expected: { readonly value: WrittenValue } | 'error' | 'no value';
  readonly bindings: Readonly<Record<string, WrittenValue>>;
  /** Where its names are looked up; mostly empty. */
  readonly container: string;
}

interface Written {
  readonly name: string;
  readonly expr: string;
  readonly value?: WrittenValue;
  readonly evalError?: unknown;
  readonly checkOnly?: boolean;
  readonly container?: string;
  readonly typedResult?: { readonly result?: WrittenValue };
  readonly bindings?: Readonly<Record<string, { readonly value?: WrittenValue }>>;
}

function expectedOf({ value, evalError, checkOnly, typedResult }: Written): ConformanceCase['expected'] {
  if (evalError !== undefined) return 'error';
  if (checkOnly) return 'no value';
  // The suite's own format: a case that names no result expects true.
  return { value: value ?? typedResult?.result ?? { boolValue: true } };
}

function caseOf(section: string, group: string, written: Written): ConformanceCase {
  const bindings = Object.entries(written.bindings ?? {}).map(
    ([name, { value }]) => [name, value ?? {}] as const,
  );
  return {
    section,
    name: `${section}/${group}/${written.name}`,
    expr: written.expr,
    expected: expectedOf(written),
    bindings: Object.fromEntries(bindings),
    container: written.container ?? '',
  };
}

/** All of them: also what is about protocol buffers and extensions. */
export const conformanceCases: readonly ConformanceCase[] = (tests.suites ?? []).flatMap(
  ({ name: section, suites = [] }) =>
    suites.flatMap(({ name: group, tests: cases = [] }) =>
      cases.map(({ original }) => caseOf(section, group, original as unknown as Written)),
    ),
);
