import type { ConformanceCase, WrittenValue } from './suite.ts';

/**
 * A case with its variables as claims, and what `dyn(…)` hides as claims too: with us, claims are what has a value of the
 * case's choice, and a type that shows when it is evaluated.
 */
export function asClaims({ expr, bindings, container }: ConformanceCase): {
  readonly expr: string;
  readonly claims: Readonly<Record<string, unknown>>;
} {
  // There is no package to look names up in.
  if (container !== '') return { expr, claims: {} };
  const claims: Record<string, unknown> = {};
  let renamed = expr;
  for (const [name, written] of Object.entries(bindings)) {
    const value = jsonOf(written);
    if (value === undefined || name.includes('.')) continue;
    claims[name] = value;
    renamed = renamed.replaceAll(new RegExp(`(?<![\\w.'"])${name}(?![\\w'"])`, 'g'), `claims.${name}`);
  }
  renamed = renamed.replaceAll(/\bdyn\((claims\.[\w.]+)\)/g, '$1');
  let count = 0;
  renamed = renamed.replaceAll(/\bdyn\(([^()[\]]+|\[[^()[\]]*\])\)/g, (whole, text: string) => {
    const value = parsed(text.replaceAll("'", '"'));
    if (value === undefined) return whole;
    const name = `dyn${count++}`;
    claims[name] = value;
    return `claims.${name}`;
  });
  return { expr: renamed, claims };
}

/** Undefined where no token can say it, exactly. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (value === '') return undefined; // it counts as absent
    return value === null || (typeof value === 'number' && Math.abs(value) >= 2 ** 53) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Undefined where no token can say it: JSON has no bytes, and its numbers are doubles. */
function jsonOf(written: WrittenValue): unknown {
  const [[kind, value] = []] = Object.entries(written);
  switch (kind) {
    case 'boolValue':
    case 'stringValue':
      return value;
    case 'doubleValue':
      return typeof value === 'number' ? value : undefined;
    case 'int64Value':
    case 'uint64Value':
      return Math.abs(Number(value)) < 2 ** 53 ? Number(value) : undefined;
    case 'listValue': {
      const { values = [] } = value as { readonly values?: readonly WrittenValue[] };
      const elements = values.map(jsonOf);
      return elements.includes(undefined) ? undefined : elements;
    }
    case 'mapValue': {
      const { entries = [] } = value as {
        readonly entries?: readonly { readonly key: WrittenValue; readonly value: WrittenValue }[];
      };
      const members = entries.map((entry) => [jsonOf(entry.key), jsonOf(entry.value)] as const);
      if (members.some(([key, member]) => typeof key !== 'string' || member === undefined)) return undefined;
      return Object.fromEntries(members);
    }
    default:
      return undefined;
  }
}
