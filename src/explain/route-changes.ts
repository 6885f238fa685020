import type { SettingPath } from '../config/amend.ts';
import { readDestination } from '../core/peer/destination.ts';
import { parseHost } from '../core/policy/host.ts';
import { Malformed } from '../lib/malformed.ts';
import { matchesPattern } from '../lib/pattern.ts';
import { routeReading } from '../serve/create-policy.ts';
import { append, type Change, type Propose, placeOf } from './change.ts';
import { exactMatch } from './exact-rule.ts';
import { presentedToken } from './presented-token.ts';
import { missingEntry, rulesTried } from './rules-tried.ts';
import type { Tried } from './trials.ts';

/** A rule for exactly this request. Where only one part of a rule differs, first the part. */
export const coverRequest: Propose = (tried) => {
  const near = rulesTried(tried.loaded.config, tried.evidence, undefined)
    // What a public rule covers passes without a token, so nothing is added to one.
    .filter(({ rule, misses }) => misses.length === 1 && !rule.public)
    .slice(0, mostNear)
    .flatMap(({ rule, misses }) => misses.map(({ part }) => ({ name: rule.name, part })));
  return [
    ...near.flatMap(({ name, part }) => widen(tried, name, part)),
    ...ignorePort(
      tried,
      near.some(({ part }) => part === 'host'),
    ),
    ...newRule(tried),
  ];
};

/** Rules that are tried for one refusal. */
const mostNear = 3;

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
function ignorePort({ evidence, loaded }: Tried, isNear: boolean): readonly Change[] {
  const host = evidence.request ? parseHost(evidence.request.host) : undefined;
  if (!isNear || !host || host instanceof Malformed || !host.tail.includes(':')) return [];
  const named = loaded.config.rules.some(({ match }) =>
    match.hosts.some(({ labels, tail }) => tail === '' && matchesPattern(labels, host.labels)),
  );
  if (!named) return [];
  return [
    {
      amendments: [{ kind: 'set', path: ['hosts', 'ignorePort'], value: true }],
      what: 'ignores the port in the Host',
      also: 'requests with any port in the Host, at each rule with hosts. Do this only if the proxy ignores it too',
    },
  ];
}

function newRule(tried: Tried): readonly Change[] {
  const match = exactMatch(tried);
  if (!match) return [];
  const { loaded, evidence, policy } = tried;
  const { destinations } = routeReading(loaded.config);
  const destination = readDestination(evidence, destinations);
  const jws = presentedToken(evidence, undefined)?.jws;
  const issuer = jws && policy.tokens.issuers.forJwt(jws)?.name;
  const value = {
    name: freeName(loaded.config.rules.map(({ name }) => name)),
    match: { ...match, ...(destination && { destinations: [destination.uri] }) },
    ...(issuer !== undefined && { require: { issuers: [issuer] } }),
  };
  const whose = issuer === undefined ? 'every issuer' : issuer;
  return [
    {
      amendments: [append(['rules'], value)],
      what: 'adds a rule for exactly this request',
      also: `this method, host and path with every token of ${whose} that belongs to its sender. Add what else you require`,
    },
  ];
}

function freeName(taken: readonly string[]): string {
  const names = ['new-rule', ...taken.map((_, index) => `new-rule-${index + 2}`)];
  return names.find((name) => !taken.includes(name)) ?? 'new-rule';
}
