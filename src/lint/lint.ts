import { createFinder } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ConfigError } from '../config/problem.ts';
import type { RuleConfig } from '../config/schema.ts';
import type { LoadedInject } from '../inject/load.ts';
import { createRules } from '../serve/create-policy.ts';
import { type CheckName, checkNames, checks } from './checks.ts';
import type { Finding, Found, PlacedRule, Subject } from './finding.ts';
import { readIgnored } from './ignored.ts';
import { findOpen } from './ports.ts';

/** Findings of one check. A file with more of them needs another remedy than one at a time. */
const most = 1_000;

/**
 * Finds mistakes in a configuration that is valid, in the order of their lines, then those in the texts
 * of its teams, then those in its shadow.
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
  const { config, weaknesses, teams } = loaded;
  const subject: Subject = { config, weaknesses, rules: placeRules(loaded) };
  const found = names.map((name) => [name, checks[name].find?.(subject) ?? []] as const);
  const byTeam = found.map(([name, list]) => [name, Map.groupBy(list, teamOf)] as const);
  const placed = (team: number | undefined, source: Source) =>
    place(
      byTeam.map(([name, lists]) => [name, (lists.get(team) ?? []).map(withoutTeam)]),
      source,
    );
  return [...placed(undefined, loaded), ...teams.flatMap((team, at) => placed(at, team))];
}

/** The place of the team whose text a finding is about. Undefined: it is about the configuration. */
function teamOf({ path: [first, at] }: Found): number | undefined {
  return first === 'teams' ? Number(at) : undefined;
}

function withoutTeam(found: Found): Found {
  return teamOf(found) === undefined ? found : { ...found, path: found.path.slice(2) };
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
  const place = (written: RuleConfig, path: PlacedRule['path']) => ({ written, owner: undefined, path });
  const own = config.rules.map((written, at) => place(written, ['rules', at]));
  const ofTeams = (config.teams ?? []).flatMap((team, which) =>
    team.rules.map((written, at) => place(written, ['teams', which, 'rules', at])),
  );
  const last = config.lastRules.map((written, at) => place(written, ['lastRules', at]));
  const rules = createRules(config);
  return [...own, ...owned, ...ofTeams, ...last].flatMap((place, at) => {
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
