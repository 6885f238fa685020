import { createFinder } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ConfigError } from '../config/problem.ts';
import { createRules } from '../serve/create-policy.ts';
import { type CheckName, checks, type Lint } from './checks.ts';
import type { Finding, Found, PlacedRule, Subject } from './finding.ts';
import { readIgnored } from './ignored.ts';

/** Findings of one check. A file with more of them needs another remedy than one at a time. */
const most = 1_000;

/**
 * Finds mistakes in a configuration that is valid, in the order of their lines. Leaves out what a comment in
 * the file gives a reason for. Reads no files, and never throws.
 */
export function lint(loaded: LoadedConfig): readonly Finding[] {
  const { text, file, config, weaknesses } = loaded;
  const subject: Subject = { config, weaknesses, rules: placeRules(loaded) };
  const problem = createFinder(text, file);
  const ignored = readIgnored(text);
  const findings = Object.entries<Lint>(checks).flatMap(([check, { severity, find }]) =>
    atMost(find?.(subject) ?? []).map(
      (found): Finding => ({
        check,
        severity: found.severity ?? severity,
        ...problem(found.path, found.message),
      }),
    ),
  );
  const wrong = ignored.wrong.map(({ line, message }) => ({
    ...findingOf('wrong-ignore', message, file),
    line,
  }));
  return [...findings.filter((finding) => !ignored.has(finding)), ...wrong].toSorted(
    (a, b) => a.line - b.line,
  );
}

/** A finding about a file as a whole. */
export function findingOf(check: CheckName, message: string, file: string): Finding {
  return { check, severity: checks[check].severity, file, line: 1, key: '', message };
}

/** The problems of a configuration that cannot be used. */
export function problemFindings({ problems }: ConfigError): readonly Finding[] {
  return problems.map((problem) => ({ check: 'invalid', severity: 'error', ...problem }));
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
