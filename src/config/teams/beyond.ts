import { type HostPattern, hostText } from '../../core/policy/host.ts';
import { contains, type Effort } from '../../lib/contains.ts';
import { listed, quoted } from '../../lib/excerpt.ts';
import type { RuleConfig } from '../schema.ts';
import type { Reach } from './reach.ts';

/** A place in what a team wrote, and what is wrong there. */
export type TeamFinding = readonly [path: readonly PropertyKey[], message: string];

/** Steps of comparing for one team: less than a second. */
const allEffort = 400_000;
/**
 * Combinations of a destination, a host and a path for each rule that a team may have. The router has a place
 * for each combination.
 */
const combinationsOfRule = 100;
/** Characters of conditions for each rule that a team may have. Each takes 60 bytes when it is compiled. */
const conditionOfRule = 160;

/**
 * Finds what the rules of a team reach beyond its delegation. Each rule must lie within it as a whole, so a
 * request that is not the team's never meets one. A pattern must be contained in the delegated ones, as the
 * router compares them: hosts without case, with their port and final dot.
 */
export function findBeyond(rules: readonly RuleConfig[], reach: Reach): readonly TeamFinding[] {
  const tooMany = tooManyCombinations(rules, reach) ?? tooLongConditions(rules, reach);
  if (tooMany) return [[['rules'], tooMany]];
  const effort: Effort = { left: allEffort };
  const found = rules.flatMap((rule, at) =>
    [
      ...beyondDestinations(rule, reach, effort),
      ...beyondHosts(rule, reach, effort),
      ...beyondContext(rule, reach),
      ...beyondIssuers(rule, reach),
      ...withoutLeave(rule, reach),
    ].map(([path, message]): TeamFinding => [['rules', at, ...path], message]),
  );
  // Without effort, nothing is contained in anything.
  return effort.left < 0
    ? [[['rules'], 'takes too long to compare with what is delegated: use fewer or simpler patterns']]
    : found;
}

function tooManyCombinations(rules: readonly RuleConfig[], { maxRules }: Reach): string | undefined {
  const most = maxRules * combinationsOfRule;
  const several = ({ length }: readonly unknown[]) => Math.max(1, length);
  const named = rules
    .map(({ match }) => several(match.destinations) * several(match.hosts) * several(match.paths))
    .reduce((sum, count) => sum + count, 0);
  return named > most
    ? `name ${named} combinations of a destination, a host and a path, and may name ${most}: use fewer entries`
    : undefined;
}

function tooLongConditions(rules: readonly RuleConfig[], { maxRules }: Reach): string | undefined {
  const most = maxRules * conditionOfRule;
  const length = rules.reduce((sum, { require }) => sum + (require?.when?.source.length ?? 0), 0);
  return length > most
    ? `have conditions of ${length} characters, and may have ${most}: write fewer or shorter ones`
    : undefined;
}

function beyondDestinations(
  { match: { destinations } }: RuleConfig,
  reach: Reach,
  effort: Effort,
): readonly TeamFinding[] {
  const texts = reach.destinations.map(({ text }) => text);
  if (destinations.length === 0)
    return reach.needsDestinations ? [[['match', 'destinations'], missing('destinations', texts)]] : [];
  return destinations.flatMap(({ text, trustDomain, path }, at): readonly TeamFinding[] => {
    const near = reach.destinations.filter((one) => one.trustDomain === trustDomain);
    const wide = near.map((one) => one.path);
    return contains(wide, path, effort)
      ? []
      : [[['match', 'destinations', at], beyond(reach, text, 'destinations', texts)]];
  });
}

function beyondHosts(
  { match: { hosts, destinations, protocol } }: RuleConfig,
  reach: Reach,
  effort: Effort,
): readonly TeamFinding[] {
  const texts = reach.hosts.map(hostText);
  const namesDestination = destinations.length > 0;
  if (reach.hosts.length === 0 && (namesDestination || reach.needsDestinations)) return [];
  // Several teams can share a destination, such as a gateway. Then only the hosts tell them apart.
  if (hosts.length === 0)
    return protocol === 'tcp'
      ? [[['match', 'protocol'], 'cannot be tcp, because hosts are delegated, and a connection has no host']]
      : [[['match', 'hosts'], missing('hosts', texts)]];
  return hosts.flatMap((host, at): readonly TeamFinding[] =>
    isWithin(host, reach.hosts, effort)
      ? []
      : [[['match', 'hosts', at], beyond(reach, hostText(host), 'hosts', texts) + tailHint(host)]],
  );
}

/** The port and the final dot must be those of a delegated host: they make another host of it. */
function isWithin({ labels, tail }: HostPattern, wide: readonly HostPattern[], effort: Effort): boolean {
  const near = wide.filter((one) => one.tail === tail);
  return contains(
    near.map((one) => one.labels),
    labels,
    effort,
  );
}

function tailHint({ tail }: HostPattern): string {
  return tail === '' ? '' : '. A port or a final dot makes another host of it';
}

/** Each set of names makes every check look once more, also those of other teams. */
function beyondContext({ match }: RuleConfig, { owner, context }: Reach): readonly TeamFinding[] {
  return Object.keys(match.context)
    .filter((name) => !context.includes(name))
    .map((name): TeamFinding => {
      const all = context.length > 0 ? `its names are ${listed(context)}` : 'it has no names';
      return [['match', 'context', name], `is beyond what is delegated to ${owner}: ${all}`];
    });
}

/** A rule without a token accepts no issuer. */
function beyondIssuers(
  { match, public: isPublic, require }: RuleConfig,
  { owner, issuers }: Reach,
): readonly TeamFinding[] {
  if (issuers.length === 0 || isPublic || match.protocol === 'tcp') return [];
  if (require?.credential === 'client-certificate')
    return [
      [
        ['require', 'credential'],
        `is beyond what is delegated to ${owner}: no issuer vouches for a client certificate; its issuers are ${listed(issuers)}`,
      ],
    ];
  const named = require?.issuers ?? [];
  if (named.length === 0) return [[['require', 'issuers'], missing('issuers', issuers)]];
  return named.flatMap((name, at): readonly TeamFinding[] =>
    issuers.includes(name)
      ? []
      : [
          [
            ['require', 'issuers', at],
            `is beyond what is delegated to ${owner}: ${quoted(name)}; its issuers are ${listed(issuers)}`,
          ],
        ],
  );
}

function withoutLeave(
  { mode, public: isPublic, require }: RuleConfig,
  { mayBePublic, mayObserve }: Reach,
): readonly TeamFinding[] {
  const found: TeamFinding[] = [];
  if (isPublic && !mayBePublic) found.push([['public'], leave('mayBePublic')]);
  if (require?.token === 'optional' && !mayBePublic) found.push([['require', 'token'], leave('mayBePublic')]);
  if (mode !== undefined && !mayObserve) found.push([['mode'], leave('mayObserve')]);
  if ((require?.observe.length ?? 0) > 0 && !mayObserve)
    found.push([['require', 'observe'], leave('mayObserve')]);
  return found;
}

function leave(setting: string): string {
  return `is not allowed by the platform: remove it, or ask for delegate[].${setting}`;
}

function missing(key: string, delegated: readonly string[]): string {
  const line = delegated.length > 0 ? delegated.map((text) => JSON.stringify(text)) : ['…'];
  return `is missing: add ${key}: [${listed(line, 5, 200)}]`;
}

function beyond({ owner }: Reach, text: string, key: string, delegated: readonly string[]): string {
  const all = delegated.length > 0 ? `its ${key} are ${listed(delegated, 5, 200)}` : `it has no ${key}`;
  return `is beyond what is delegated to ${owner}: ${quoted(text, 200)}; ${all}`;
}
