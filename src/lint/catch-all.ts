import type { Pattern } from '../lib/pattern.ts';
import type { Match } from './covers.ts';
import type { Found, PlacedRule, Subject } from './finding.ts';

/** Rules without a token that restrict nothing, or nothing but the workload. */
export function findPublicCatchAll({ rules }: Subject): readonly Found[] {
  const later = followers(rules);
  return rules.flatMap(({ rule, path, owner }, at): Found[] => {
    const isOptional = rule.tokenIsOptional && rule.peers.length === 0;
    if (!(rule.public || isOptional) || !isOpen(rule.match)) return [];
    const key = rule.public ? ['public'] : ['require', 'token'];
    const what = rule.match.protocol === 'tcp' ? 'connection' : 'request';
    if (owner !== undefined || rule.match.destinations.length > 0)
      return [
        {
          path: [...path, ...key],
          severity: 'note',
          message: `opens the whole workload: every ${what} to its destinations passes without a token; name paths if some of them need one`,
        },
      ];
    const more = later[at] ?? 0;
    return [
      {
        path: [...path, ...key],
        message: `opens everything: every ${what} passes without a token${more > 0 ? `, and ${more === 1 ? 'the rule after it never decides' : `the ${more} rules after it never decide`}` : ''}; say in match which requests are public`,
      },
    ];
  });
}

/** Rules that restrict nothing, accept any sender, and keep later rules from deciding. */
export function findUnboundCatchAll({ rules }: Subject): readonly Found[] {
  const later = followers(rules);
  return rules.flatMap(({ rule, path }, at): Found[] => {
    const more = later[at] ?? 0;
    const isCatchAll = isOpen(rule.match) && rule.match.destinations.length === 0;
    if (rule.public || !isCatchAll || !rule.binding.includes('none') || more === 0) return [];
    return [
      {
        path: [...path, 'require', 'binding'],
        message: `accepts a token from any sender for every request, before ${more === 1 ? 'the rule' : `the ${more} rules`} after it; move this rule to the end, or say in match what it covers`,
      },
    ];
  });
}

/** Whether a rule covers all that is sent to a workload. Does **not** look at its destinations. */
function isOpen(match: Match): boolean {
  if (match.ports.length > 0) return false;
  if (match.protocol === 'tcp') return true;
  const hosts = match.hosts.map(({ labels }) => labels);
  return (
    match.methods.length === 0 &&
    Object.keys(match.context).length === 0 &&
    isEverything(hosts) &&
    isEverything(match.paths)
  );
}

function isEverything(patterns: readonly Pattern[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => pattern.length === 1 && pattern[0] === '**');
}

/** For each rule, how many later rules are for the same protocol. */
function followers(rules: readonly PlacedRule[]): readonly number[] {
  const left = { http: 0, tcp: 0 };
  for (const { rule } of rules) left[rule.match.protocol]++;
  return rules.map(({ rule }) => --left[rule.match.protocol]);
}
