import { createFinder } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ConfigError } from '../config/problem.ts';
import type { LoadedInject } from '../inject/load.ts';
import { createRules } from '../serve/create-policy.ts';
import { type CheckName, checkNames, checks } from './checks.ts';
import type { Finding, Found, PlacedRule, Subject } from './finding.ts';
import { readIgnored } from './ignored.ts';
import { findOpen } from './ports.ts';

/** Findings of one check. A file with more of them needs another remedy than one at a time. */
const most = 1_000;

/**
 * Finds mistakes in a configuration that is valid, in the order of their lines, then those in its shadow.
 * Leaves out what a comment in the file gives a reason for. Reads no files, and never throws.
 */
export function lint(loaded: LoadedConfig): readonly Finding[] {
  const { shadow } = loaded;
  const ofShadow = shadow ? lintBy(checkNames.filter(isForShadow), shadow) : [];
  return [...lintBy(checkNames, loaded), ...ofShadow];
}

/** The ports of a shadow are not opened. */
function isForShadow(name: CheckName): boolean {
  return name !== 'open-port' && name !== 'same-port';
}

function lintBy(names: readonly CheckName[], loaded: LoadedConfig): readonly Finding[] {
  const { config, weaknesses } = loaded;
  const subject: Subject = { config, weaknesses, rules: placeRules(loaded) };
  const found = names.map((name) => [name, checks[name].find?.(subject) ?? []] as const);
  return place(found, loaded);
}

/** Does the same for a configuration of `inject`. */
export function lintInject({ config, weaknesses }: LoadedInject, source: Source): readonly Finding[] {
  return place(
    [
      ['weak-inject', weaknesses],
      ['open-port', findOpen({ config })],
    ],
    source,
  );
}

/** The problems of a configuration that cannot be used. */
export function problemFindings({ problems }: ConfigError): readonly Finding[] {
  return problems.map((problem) => ({ check: 'invalid', severity: 'error', ...problem }));
}

/** A text that was read before, and its name for messages. */
type Source = Pick<LoadedConfig, 'text' | 'file'>;

/** Adds lines and keys, and leaves out what is ignored. */
function place(
  found: readonly (readonly [CheckName, readonly Found[]])[],
  { text, file }: Source,
): Finding[] {
  const problem = createFinder(text, file);
  const ignored = readIgnored(text);
  const findings = found.flatMap(([check, list]) =>
    atMost(list).map(
      ({ path, message, severity = checks[check].severity }): Finding => ({
        check,
        severity,
        ...problem(path, message),
      }),
    ),
  );
  const wrong = ignored.wrong.map(
    ({ line, message }): Finding => ({
      check: 'wrong-ignore',
      severity: checks['wrong-ignore'].severity,
      ...{ file, line, key: '', message },
    }),
  );
  return [...findings.filter((finding) => !ignored.has(finding)), ...wrong].toSorted(
    (a, b) => a.line - b.line,
  );
}

function placeRules({ config }: LoadedConfig): readonly PlacedRule[] {
  const owned = Object.entries(config.workloads).flatMap(([owner, { rules }]) =>
    rules.map((written, at) => ({ written, owner, path: ['workloads', owner, 'rules', at] })),
  );
  const own = config.rules.map((written, at) => ({ written, owner: undefined, path: ['rules', at] }));
  const rules = createRules(config);
  return [...own, ...owned].flatMap((place, at) => {
    const rule = rules[at];
    return rule ? [{ ...place, rule }] : [];
  });
}

function atMost(found: readonly Found[]): readonly Found[] {
  const last = found[most - 1];
  if (!last || found.length === most) return found;
  const more = found.length - most;
  return [
    ...found.slice(0, most - 1),
    { ...last, message: `${last.message} (${more} more like this are left out)` },
  ];
}
