import type { SettingPath } from '../config/amend.ts';
import { readDestination } from '../core/peer/destination.ts';
import { type Host, parseHost } from '../core/policy/host.ts';
import type { Rule } from '../core/policy/rule.ts';
import { isRecord } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { matchesPattern } from '../lib/pattern.ts';
import { createRules, routeReading } from '../serve/create-policy.ts';
import { append, type Change, type Propose, placeOf, writtenIn } from './change.ts';
import { exactMatch } from './exact-rule.ts';
import { presentedToken } from './presented-token.ts';
import { missingEntry, rulesTried } from './rules-tried.ts';
import type { Tried } from './trials.ts';

/** The part of a rule that differs, if it is alone, and a rule for exactly this request. */
export const coverRequest: Propose = (tried) => {
  const host = hostOf(tried);
  const near = rulesTried(tried.loaded.config, tried.evidence, undefined)
    // What a public rule covers passes without a token, so nothing is added to one.
    .filter(({ rule, misses }) => misses.length === 1 && !rule.public)
    .flatMap(({ rule, misses }) => misses.map(({ part }) => ({ rule, part })))
    .filter(({ rule: { match }, part }) => partsOf(match) > 1 || (part === 'host' && namesHost(match, host)))
    .toSorted((one, other) => partsOf(other.rule.match) - partsOf(one.rule.match))
    .slice(0, mostNear);
  return [
    ...near.flatMap(({ rule, part }) => widen(tried, rule.name, part)),
    ...ignorePort(tried, host),
    ...near.slice(0, 1).flatMap(({ rule }) => newRuleLike(tried, rule.name)),
    ...bareRule(tried),
  ];
};

/** Rules that are tried for one refusal. */
const mostNear = 3;

/** How many parts of a rule select requests. If one part is all, a request that misses it is not near. */
function partsOf({ protocol: _, ...parts }: Rule['match']): number {
  return Object.values(parts).filter((part) => Object.keys(part).length > 0).length;
}

function hostOf({ evidence }: Tried): Host | undefined {
  const host = evidence.request && parseHost(evidence.request.host);
  return host instanceof Malformed ? undefined : host;
}

/** Whether only a port or a final dot differs. */
function namesHost(match: Rule['match'], host: Host | undefined): boolean {
  return (
    match.protocol === 'http' &&
    host !== undefined &&
    match.hosts.some(({ labels, tail }) => tail === '' && matchesPattern(labels, host.labels))
  );
}

function widen({ loaded, evidence }: Tried, name: string, part: string): readonly Change[] {
  const place = placeOf(loaded.config, name);
  const entry = missingEntry(part, evidence, loaded.config);
  if (!place || !entry) return [];
  const { setting, value } = entry;
  const isOwned = place[0] === 'workloads' && setting === 'destinations';
  const path: SettingPath = isOwned ? [...place.slice(0, 2), setting] : [...place, 'match', setting];
  return [
    {
      amendments: [append(path, value)],
      what: `adds ${value} to ${setting} of the rule ${name}`,
      also: `every request there that meets the other parts of match, and the requirements of the rule ${name}`,
    },
  ];
}

/** Only if a rule names the host of the request, and the request has a port too. */
function ignorePort({ loaded: { config } }: Tried, host: Host | undefined): readonly Change[] {
  const isNamed = createRules(config).some(({ match }) => namesHost(match, host));
  if (!host?.tail.includes(':') || !isNamed) return [];
  return [
    {
      amendments: [{ kind: 'set', path: ['hosts', 'ignorePort'], value: true }],
      what: 'ignores the port in the Host',
      also: 'requests with any port in the Host, at each rule with hosts. Do this only if the proxy ignores it too',
    },
  ];
}

/** With the requirements of the nearest rule, as they are written there. */
function newRuleLike(tried: Tried, name: string): readonly Change[] {
  const place = placeOf(tried.loaded.config, name);
  const require = place && writtenIn(tried, [...place, 'require']);
  if (!isRecord(require)) return [];
  return newRule(tried, require, {
    what: `, with the requirements of the rule ${name}`,
    also: `every token that meets the requirements of the rule ${name}`,
  });
}

/** With the issuer of the token alone. */
function bareRule(tried: Tried): readonly Change[] {
  const jws = presentedToken(tried.evidence, undefined)?.jws;
  const issuer = jws && tried.policy.tokens.issuers.forJwt(jws)?.name;
  return newRule(tried, issuer === undefined ? undefined : { issuers: [issuer] }, {
    what: '',
    also: `every token of ${issuer ?? 'every issuer'} that belongs to its sender. Add what else you require`,
  });
}

function newRule(
  tried: Tried,
  require: object | undefined,
  { what, also }: Pick<Change, 'what' | 'also'>,
): readonly Change[] {
  const match = exactMatch(tried);
  if (!match) return [];
  const { config } = tried.loaded;
  const destination = readDestination(tried.evidence, routeReading(config).destinations);
  const value = {
    name: freeName(config.rules.map(({ name }) => name)),
    match: { ...match, ...(destination && { destinations: [destination.uri] }) },
    ...(require && { require }),
  };
  return [
    {
      amendments: [append(['rules'], value)],
      what: `adds a rule for exactly this request${what}`,
      also: `this method, host and path with ${also}`,
    },
  ];
}

function freeName(taken: readonly string[]): string {
  const names = ['new-rule', ...taken.map((_, index) => `new-rule-${index + 2}`)];
  return names.find((name) => !taken.includes(name)) ?? 'new-rule';
}
