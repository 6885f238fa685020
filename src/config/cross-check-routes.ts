import { type HostPattern, parseHostPattern } from '../core/policy/host.ts';
import { normalizePath } from '../core/policy/path.ts';
import { recordOf, textOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';

type Raw = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];

/** A rule as it stands in the document, with its place and its full name. */
export interface RawRule {
  readonly rule: Raw;
  readonly path: Path;
  readonly name: string;
  /** The entry of `workloads` that it belongs to. */
  readonly owner?: string;
}

/** All rules of a document, of whatever shape it is. */
export function rawRules(root: Raw): readonly RawRule[] {
  const own = rulesIn(root.rules, ['rules']);
  const owned = Object.entries(recordOf(root.workloads)).flatMap(([owner, value]) =>
    rulesIn(recordOf(value).rules, ['workloads', owner, 'rules']).map(
      (one): RawRule => ({ ...one, owner, name: `${owner}/${one.name}` }),
    ),
  );
  return [...own, ...owned];
}

function rulesIn(value: unknown, path: Path): readonly RawRule[] {
  return list(value).map((rule, index) => ({
    rule: recordOf(rule),
    path: [...path, index],
    name: textOf(recordOf(rule).name),
  }));
}

/**
 * What rules, and the settings that say how requests are read, say of each other: what could never match, and, in a mesh,
 * which rules hold at every workload. Believes nothing about the shape of the document.
 */
export function crossCheckRoutes(
  root: Raw,
  rules: readonly RawRule[],
  say: (path: Path, message: string) => void,
  warn: (message: string) => void,
): void {
  if (rules.length === 0 && Object.keys(recordOf(root.workloads)).length === 0)
    say(['rules'], 'must hold at least one rule: without any, everything is denied');
  const hosts = recordOf(root.hosts);
  const ignoreCase = recordOf(root.paths).ignoreCase === true;
  for (const { rule, path, owner } of rules) {
    const match = recordOf(rule.match);
    if (owner !== undefined && match.destinations !== undefined)
      say([...path, 'match', 'destinations'], `are those of workloads.${owner}: leave them out`);
    for (const [index, text] of list(match.hosts).entries()) {
      const pattern = parseHostPattern(textOf(text));
      const unmatched = pattern instanceof Malformed ? undefined : neverMatched(pattern, hosts);
      if (unmatched) say([...path, 'match', 'hosts', index], unmatched);
    }
    for (const [index, text] of list(match.paths).entries()) {
      const folded = normalizePath(textOf(text), { ignoreCase, ignoreTrailingSlash: true });
      if (ignoreCase && folded instanceof Malformed) say([...path, 'match', 'paths', index], folded.why);
    }
  }
  if (Object.keys(recordOf(recordOf(root.peers).trustDomains)).length === 0) return;
  const loose = rules.filter(isLoose).map(({ name }) => name);
  if (loose.length > 0)
    warn(
      `rules without destinations: ${loose.join(', ')}: a sidecar takes every Host, so each of them holds at every workload that asks`,
    );
}

/**
 * Whether a rule's scope is the caller's choice in a mesh: it names requests and no workload. One that covers every
 * request says that it means all workloads; the context is the proxy's own word.
 */
function isLoose({ rule, owner }: RawRule): boolean {
  const match = recordOf(rule.match);
  if (owner !== undefined || match.protocol === 'tcp') return false;
  if (list(match.destinations).length > 0 || Object.keys(recordOf(match.context)).length > 0) return false;
  const narrow = ['hosts', 'methods', 'paths', 'ports'].some((key) => list(match[key]).length > 0);
  return narrow || rule.public === true;
}

/** Why no Host can match the pattern as the proxy reads it. */
export function neverMatched(
  { tail }: HostPattern,
  hosts: Readonly<Record<string, unknown>>,
): string | undefined {
  if (hosts.ignorePort === true && tail.includes(':')) return 'names a port, and hosts.ignorePort is set';
  if (hosts.ignoreTrailingDot === true && tail.startsWith('.'))
    return 'names the final dot, and hosts.ignoreTrailingDot is set';
  return undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
