import { type HostPattern, parseHostPattern } from '../core/policy/host.ts';
import { normalizePath } from '../core/policy/path.ts';
import { listed } from '../lib/excerpt.ts';
import { mapInSteps, type Steps } from '../lib/in-turns.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Warn } from './weakness.ts';

type Path = readonly PropertyKey[];

/** Rules that a warning names. */
const mostNames = 10;

/** A rule of the raw document, with its place and its full name. */
export interface RawRule {
  readonly rule: JsonObject;
  readonly path: Path;
  readonly name: string;
  /** The entry of `workloads` that it belongs to. */
  readonly owner?: string;
}

/** All rules of a document. The document may have any shape. */
export function rawRules(root: JsonObject): readonly RawRule[] {
  const own = rulesIn(root.rules, ['rules']);
  const owned = Object.entries(recordOf(root.workloads)).flatMap(([owner, value]) =>
    rulesIn(recordOf(value).rules, ['workloads', owner, 'rules']).map(
      (one): RawRule => ({ ...one, owner, name: `${owner}/${one.name}` }),
    ),
  );
  return [...own, ...owned, ...rulesIn(root.lastRules, ['lastRules'])];
}

/** The same for the rules of one team, in a document of their own. */
export function rawRulesOf(owner: string, root: JsonObject): readonly RawRule[] {
  return rulesIn(root.rules, ['rules']).map((one) => ({ ...one, name: `${owner}/${one.name}` }));
}

function rulesIn(value: unknown, path: Path): readonly RawRule[] {
  return listOf(value).map((rule, index) => ({
    rule: recordOf(rule),
    path: [...path, index],
    name: textOf(recordOf(rule).name),
  }));
}

/**
 * Checks rules against the settings for hosts and paths. Finds patterns that can never match and, in a mesh,
 * rules that apply at every workload. The document may have any shape.
 */
export function* crossCheckRoutes(
  root: JsonObject,
  rules: readonly RawRule[],
  say: (path: Path, message: string) => void,
  warn: Warn,
): Steps<void> {
  // A service that only observes can learn its first rules from the log.
  const isEmpty =
    rules.length === 0 &&
    Object.keys(recordOf(root.workloads)).length === 0 &&
    root.include === undefined &&
    root.rulesFrom === undefined;
  // The schema says that `rules` is missing.
  if (isEmpty && root.rules !== undefined && root.mode !== 'observe')
    say(['rules'], 'must hold at least one rule: without rules every request is denied');
  const hosts = recordOf(root.hosts);
  const ignoreCase = recordOf(root.paths).ignoreCase === true;
  yield* mapInSteps(rules, ({ rule, path, owner }) => {
    const match = recordOf(rule.match);
    if (owner !== undefined && match.destinations !== undefined)
      say(
        [...path, 'match', 'destinations'],
        `must be removed: the destinations of workloads.${owner} apply`,
      );
    for (const [index, text] of listOf(match.hosts).entries()) {
      const pattern = parseHostPattern(textOf(text));
      const unmatched = pattern instanceof Malformed ? undefined : neverMatched(pattern, hosts);
      if (unmatched) say([...path, 'match', 'hosts', index], unmatched);
    }
    for (const [index, text] of listOf(match.paths).entries()) {
      const folded = normalizePath(textOf(text), { ignoreCase, ignoreTrailingSlash: true });
      if (ignoreCase && folded instanceof Malformed) say([...path, 'match', 'paths', index], folded.why);
    }
  });
  if (Object.keys(recordOf(recordOf(root.peers).trustDomains)).length === 0) return;
  const loose = rules.filter(isLoose);
  if (loose[0])
    warn(
      'rule-without-destination',
      [...loose[0].path, 'match'],
      'a sidecar accepts every Host, so each of these rules applies at every workload',
      `rules without destinations: ${listed(
        loose.map(({ name }) => name),
        mostNames,
      )}`,
    );
}

/**
 * Whether a caller in a mesh can choose this rule: it names requests and not a workload. A rule that covers
 * every request is meant for all workloads. The context comes from the proxy, so a caller cannot choose it.
 */
export function isLoose({ rule, owner }: Pick<RawRule, 'rule' | 'owner'>): boolean {
  const match = recordOf(rule.match);
  if (owner !== undefined || match.protocol === 'tcp') return false;
  if (listOf(match.destinations).length > 0 || Object.keys(recordOf(match.context)).length > 0) return false;
  const narrow = ['hosts', 'methods', 'paths', 'ports'].some((key) => listOf(match[key]).length > 0);
  return narrow || rule.public === true || recordOf(rule.require).token === 'optional';
}

/** Why no Host can match the pattern as the proxy reads it. */
export function neverMatched({ tail }: HostPattern, hosts: JsonObject): string | undefined {
  if (hosts.ignorePort === true && tail.includes(':'))
    return 'names a port, but hosts.ignorePort is set: remove the port';
  if (hosts.ignoreTrailingDot === true && tail.startsWith('.'))
    return 'names a final dot, but hosts.ignoreTrailingDot is set: remove the dot';
  return undefined;
}
