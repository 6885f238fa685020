import type { RuleConfig } from '../config/schema.ts';
import type { SpiffePattern } from '../core/peer/spiffe-id.ts';
import type { HostPattern } from '../core/policy/host.ts';
import { hostText } from '../core/policy/host.ts';
import { longestChain } from '../core/token/actors.ts';
import type { Pattern } from '../lib/pattern.ts';
import { orderMatters } from './overlap.ts';

/** A changed configuration, which the tests should notice. */
export interface Mutant {
  /** The rule that was changed. */
  readonly rule: string;
  /** What could be done to it, such as `the scope orders.read could be dropped`. */
  readonly change: string;
  readonly rules: readonly RuleConfig[];
  /** Whether the same requests reach each rule as before: all others are decided as before. */
  readonly routesAsBefore: boolean;
}

type Match = RuleConfig['match'];
type Require = NonNullable<RuleConfig['require']>;
type Change = readonly [change: string, rule: RuleConfig | undefined];

/** A list of which one entry must fit. */
interface Alternatives<Entry> {
  readonly one: string;
  readonly all: string;
  readonly show: (entry: Entry) => string;
  /** One step wider. Undefined if that is not possible. */
  readonly widen?: (entry: Entry) => Entry | undefined;
}

const spiffe = { show: ({ text }: SpiffePattern) => text, widen: widerSpiffe };
const plain = { show: String };
const pair = { show: (entry: Pattern) => entry.join('/') };

/** One row for each list of `match`. */
const matchLists: {
  readonly [Key in 'hosts' | 'methods' | 'paths' | 'destinations' | 'ports']: Alternatives<
    Match[Key][number]
  >;
} = {
  hosts: { one: 'host', all: 'hosts', show: hostText, widen: widerHost },
  methods: { one: 'method', all: 'methods', ...plain },
  paths: { one: 'path', all: 'paths', show: (path) => `/${path.join('/')}`, widen: widerPath },
  destinations: { one: 'destination', all: 'destinations', ...spiffe },
  ports: { one: 'port', all: 'ports', ...plain },
};

type RequireList =
  | 'issuers'
  | 'peers'
  | 'serviceAccounts'
  | 'namespaces'
  | 'pods'
  | 'emails'
  | 'emailDomains';

/** One row for each list of `require` of which one entry must fit. */
const requireLists: { readonly [Key in RequireList]: Alternatives<Require[Key][number]> } = {
  issuers: { one: 'issuer', all: 'issuers', ...plain },
  peers: { one: 'peer', all: 'peers', ...spiffe },
  serviceAccounts: { one: 'ServiceAccount', all: 'ServiceAccounts', ...pair },
  namespaces: { one: 'namespace', all: 'namespaces', ...plain },
  pods: { one: 'pod', all: 'pods', ...pair },
  emails: { one: 'e-mail address', all: 'e-mail addresses', ...plain },
  emailDomains: { one: 'e-mail domain', all: 'e-mail domains', ...plain },
};

/**
 * Every mutant of a configuration, one at a time: each changes one thing of one rule. Leaves out changes that
 * change no decision, as far as that is sure: a list that names every issuer, and two neighbours that have no
 * request in common.
 * @param issuers all that the configuration has
 */
export function* mutantsOf(rules: readonly RuleConfig[], issuers: readonly string[]): Generator<Mutant> {
  for (const [index, rule] of rules.entries()) {
    for (const [change, changed] of changesOf(rule, issuers))
      yield {
        ...{ rule: rule.name, change, routesAsBefore: changed?.match === rule.match },
        rules: rules.toSpliced(index, 1, ...(changed ? [changed] : [])),
      };
    const next = rules[index + 1];
    if (next && orderMatters(rule, next))
      yield {
        rule: rule.name,
        change: `it could stand after the rule ${next.name}`,
        routesAsBefore: false,
        rules: rules.toSpliced(index, 2, next, rule),
      };
  }
}

function* changesOf(rule: RuleConfig, issuers: readonly string[]): Generator<Change> {
  const { match, require } = rule;
  yield ['it could be removed', undefined];
  for (const key of keysOf(matchLists))
    for (const [change, list] of listChanges(match[key], matchLists[key] as Alternatives<unknown>))
      yield [change, { ...rule, match: { ...match, [key]: list } }];
  for (const key of Object.keys(match.context)) {
    const { [key]: _, ...context } = match.context;
    yield [`the context ${key} could be dropped`, { ...rule, match: { ...match, context } }];
  }
  if (rule.public) return;
  const { require: _, ...open } = rule;
  if (match.protocol === 'http') yield ['it could be public', { ...open, public: true }];
  for (const [change, changed] of requireChanges(require, issuers, match.protocol))
    yield [change, { ...rule, require: changed as Require }];
}

function* requireChanges(
  require: RuleConfig['require'],
  issuers: readonly string[],
  protocol: Match['protocol'],
): Generator<readonly [change: string, require: Partial<Require>]> {
  const needsToken = protocol === 'http' && require?.credential !== 'client-certificate';
  if (needsToken && !require?.binding?.includes('none'))
    yield ['the binding could be dropped', { ...require, binding: ['none'] }];
  if (needsToken && require?.token !== 'optional')
    yield ['the token could be optional', { ...require, token: 'optional' }];
  if (!require) return;
  for (const key of keysOf(requireLists)) {
    const namesAll = key === 'issuers' && issuers.every((name) => require.issuers.includes(name));
    for (const [change, list] of listChanges(require[key], requireLists[key] as Alternatives<unknown>))
      if (!namesAll || list.length > 0) yield [change, { ...require, [key]: list }];
  }
  for (const [index, proof] of (require.binding ?? []).entries())
    if (require.binding && require.binding.length > 1)
      yield [
        `the proof ${proof} could be taken from its binding`,
        { ...require, binding: require.binding.toSpliced(index, 1) },
      ];
  for (const [index, scope] of require.scopes.entries())
    yield [`the scope ${scope} could be dropped`, { ...require, scopes: require.scopes.toSpliced(index, 1) }];
  for (const [claim, wanted] of Object.entries(require.claims)) {
    const { [claim]: _, ...claims } = require.claims;
    yield [`the claim ${claim} could be dropped`, { ...require, claims }];
    const values = Array.isArray(wanted) ? wanted : [];
    for (const [index, value] of values.length > 1 ? values.entries() : [])
      yield [
        `the value ${value} of the claim ${claim} could be taken out`,
        { ...require, claims: { ...claims, [claim]: values.toSpliced(index, 1) } },
      ];
  }
  for (const [change, actors] of actorChanges(require.actors)) yield [change, { ...require, actors }];
  if (require.when) yield ['the condition could be dropped', { ...require, when: undefined }];
}

type Actors = NonNullable<Require['actors']>;

/** Drops who may act, and widens each part of it: the chain, the entries, and their lists. */
function* actorChanges(
  actors: Require['actors'],
): Generator<readonly [change: string, actors: Actors | undefined]> {
  if (!actors) return;
  yield ['the actors could be dropped', undefined];
  const { allow, maxLength, optional } = actors;
  if (!optional && maxLength > 0) yield ['the actor could be optional', { ...actors, optional: true }];
  if (maxLength > 0 && maxLength < longestChain)
    yield [`the chain of actors could be ${maxLength + 1} long`, { ...actors, maxLength: maxLength + 1 }];
  for (const [index, entry] of allow.entries()) {
    const change = (changed: Partial<typeof entry>) => ({
      ...actors,
      allow: allow.with(index, { ...entry, ...changed }),
    });
    for (const [text, list] of listChanges(entry.who, actorList as Alternatives<unknown>))
      if (list.length > 0) yield [text, change({ who: list as typeof entry.who })];
    for (const [text, list] of listChanges(entry.for, subjectList as Alternatives<unknown>))
      yield [text, change({ for: list as typeof entry.for })];
  }
}

type Party = Actors['allow'][number]['who'][number];

const partyList = {
  show: ({ text }: Party) => text,
  widen({ pattern }: Party): Party | undefined {
    const wider = pattern && widerSpiffe(pattern);
    return wider && { text: wider.text, pattern: wider };
  },
};
const actorList: Alternatives<Party> = { one: 'actor', all: 'actors of an entry', ...partyList };
const subjectList: Alternatives<Party> = { one: 'subject', all: 'subjects of an entry', ...partyList };

/** Drops the list, takes each entry out, and widens each. */
function* listChanges(
  list: readonly unknown[],
  { one, all, show, widen }: Alternatives<unknown>,
): Generator<readonly [change: string, list: readonly unknown[]]> {
  if (list.length > 0)
    yield [`the ${list.length > 1 ? all : `${one} ${show(list[0])}`} could be dropped`, []];
  for (const [index, entry] of list.entries()) {
    if (list.length > 1) yield [`the ${one} ${show(entry)} could be taken out`, list.toSpliced(index, 1)];
    const wider = widen?.(entry);
    if (wider !== undefined)
      yield [`the ${one} ${show(entry)} could be ${show(wider)}`, list.toSpliced(index, 1, wider)];
  }
}

function widerHost({ labels, tail }: HostPattern): HostPattern | undefined {
  const wider = widerPattern(labels, 'first');
  return wider && { labels: wider, tail };
}

function widerPath(path: Pattern): Pattern | undefined {
  return widerPattern(path, 'last');
}

function widerSpiffe({ trustDomain, path }: SpiffePattern): SpiffePattern | undefined {
  const wider = widerPattern(path, 'last');
  return wider && { text: `spiffe://${[trustDomain, ...wider].join('/')}`, trustDomain, path: wider };
}

/** The first or last literal becomes `*`. Without a literal, a `*` becomes `**`. */
function widerPattern(pattern: Pattern, side: 'first' | 'last'): Pattern | undefined {
  const find = (test: (part: string) => boolean) =>
    side === 'first' ? pattern.findIndex(test) : pattern.findLastIndex(test);
  const literal = find((part) => part !== '*' && part !== '**' && part !== '');
  if (literal >= 0) return pattern.with(literal, '*');
  const star = find((part) => part === '*');
  // Two of them may not follow each other.
  return star >= 0 && !pattern.includes('**') ? pattern.with(star, '**') : undefined;
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(table) as Key[];
}
