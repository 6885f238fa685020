import { excerpt, listed } from '../../lib/excerpt.ts';
import { matchesPattern, type Pattern } from '../../lib/pattern.ts';
import { matchesSpiffePattern } from '../peer/spiffe-id.ts';
import { hostText, matchesHost } from './host.ts';
import { describeLength, nearestPattern, sharedSteps } from './pattern-distance.ts';
import type { Sought } from './route-index.ts';
import type { HttpMatch, Rule, TcpMatch } from './rule.ts';

/** One part of `match` that a check does not meet, and why. */
export interface Miss {
  readonly part: string;
  readonly why: string;
}

/** A rule that does not cover a check, with every part that keeps it from that, in the order of the table. */
export interface NearMiss {
  readonly rule: Rule;
  readonly misses: readonly Miss[];
}

/** What the filter for connections knows. */
export type SoughtConnection = Pick<Sought, 'destination' | 'port'>;

interface Part<Match, Asked> {
  readonly name: string;
  readonly fits: (match: Match, sought: Asked) => boolean;
  readonly why: (match: Match, sought: Asked) => string;
  /** How much of the part fits, for the order of rules that miss equally many. */
  readonly shared: (match: Match, sought: Asked) => number;
}

/** A rule that misses one of these differs in nothing that has degrees. */
const byItself = () => 1_000;

const destination: Part<HttpMatch | TcpMatch, SoughtConnection> = {
  name: 'destination',
  fits: ({ destinations }, { destination: id }) =>
    destinations.length === 0 ||
    (id !== undefined && destinations.some((pattern) => matchesSpiffePattern(pattern, id))),
  why: ({ destinations }, { destination: id }) => {
    const texts = destinations.map(({ text }) => text);
    const wanted = listed(texts, 2, 100);
    return id
      ? `${wanted} does not match ${excerpt(id.uri, 100)}`
      : `is not named by the proxy (wanted: ${wanted})`;
  },
  shared: ({ destinations }, { destination: id }) =>
    Math.max(...destinations.map(({ path }) => sharedSteps(path, id?.segments ?? []))),
};

const port: Part<HttpMatch | TcpMatch, SoughtConnection> = {
  name: 'port',
  fits: ({ ports }, { port: asked }) => ports.length === 0 || ports.includes(asked),
  why: ({ ports }, { port: asked }) => {
    const wanted = listed(ports.slice(0, 6).map(String));
    return asked === 0 ? `is not known (wanted: ${wanted})` : `${asked} is not ${wanted}`;
  },
  shared: byItself,
};

const host: Part<HttpMatch, Sought> = {
  name: 'host',
  fits: ({ hosts }, { host: asked }) =>
    hosts.length === 0 || hosts.some((pattern) => matchesHost(pattern, asked)),
  why: ({ hosts }, { host: asked }) => {
    const { labels, tail } = nearestPattern(hosts, (pattern) => sharedLabels(pattern.labels, asked.labels));
    const others = hosts.length > 1 ? ` (and ${hosts.length - 1} more)` : '';
    const note = matchesPattern(labels, asked.labels)
      ? ': the port or the final dot differs'
      : describeLength(labels, asked.labels, 'label');
    return `${excerpt(labels.join('.') + tail)}${others} does not match ${excerpt(hostText(asked))}${note}`;
  },
  shared: ({ hosts }, { host: asked }) =>
    Math.max(...hosts.map(({ labels }) => sharedLabels(labels, asked.labels))),
};

const method: Part<HttpMatch, Sought> = {
  name: 'method',
  fits: ({ methods }, { method: asked }) => methods.length === 0 || methods.includes(asked),
  why: ({ methods }, { method: asked }) => `${excerpt(asked, 20)} is not ${listed(methods)}`,
  shared: byItself,
};

const path: Part<HttpMatch, Sought> = {
  name: 'path',
  fits: ({ paths }, { path: asked }) =>
    paths.length === 0 || paths.some((pattern) => matchesPattern(pattern, asked)),
  why: ({ paths }, { path: asked }) => {
    const pattern = nearestPattern(paths, (one) => sharedSteps(one, asked));
    const others = paths.length > 1 ? ` (and ${paths.length - 1} more)` : '';
    const note = describeLength(pattern, asked, 'segment');
    return `${pathText(pattern)}${others} does not match ${pathText(asked)}${note}`;
  },
  shared: ({ paths }, { path: asked }) => Math.max(...paths.map((one) => sharedSteps(one, asked))),
};

const context: Part<HttpMatch, Sought> = {
  name: 'context',
  fits: ({ context: wanted }, { context: given }) =>
    Object.keys(wanted).every((key) => Object.hasOwn(given, key) && given[key] === wanted[key]),
  why: ({ context: wanted }, { context: given }) => {
    const keys = Object.keys(wanted).filter(
      (key) => !Object.hasOwn(given, key) || given[key] !== wanted[key],
    );
    const shown = keys.slice(0, 3).map((key) => {
      const value = Object.hasOwn(given, key) ? `is ${excerpt(given[key] ?? '')}` : 'is missing';
      return `${excerpt(key)} ${value} and not ${excerpt(wanted[key] ?? '')}`;
    });
    return listed(shown, 3);
  },
  shared: byItself,
};

const ofRequests = [destination, host, method, path, port, context];
const ofConnections = [destination, port];

/** Every rule of the kind with all its misses. Not bounded: for commands, and not for checks. */
export function everyMiss(rules: readonly Rule[], sought: Sought | SoughtConnection): readonly NearMiss[] {
  return rules.flatMap((rule) => {
    const missed = partsMissed(rule, sought);
    return missed ? [describeMiss(rule, missed)] : [];
  });
}

/**
 * The most parts of patterns that are compared for one refusal: a `**` can lead to a comparison of each with
 * each segment of a path. A rule with more than are left is passed over.
 */
const mostParts = 1_800;
const mostShown = 3;

/**
 * The rules that miss a check by the fewest parts, and of these the nearest. Bounded, as the caller of a
 * check can ask for it as often as he likes. The candidates must be few.
 */
export function nearestRules(
  candidates: Iterable<Rule>,
  sought: Sought | SoughtConnection,
): readonly NearMiss[] {
  let left = mostParts;
  let fewest = Number.POSITIVE_INFINITY;
  let nearest: { rule: Rule; missed: readonly BoundPart[] }[] = [];
  for (const rule of candidates) {
    const cost = partsOf(rule);
    if (cost > left) continue;
    left -= cost;
    const missed = partsMissed(rule, sought);
    if (!missed || missed.length === 0 || missed.length > fewest) continue;
    if (missed.length < fewest) nearest = [];
    fewest = missed.length;
    nearest.push({ rule, missed });
  }
  return nearest
    .map((one) => ({ ...one, shared: one.missed.reduce((sum, { shared }) => sum + shared(), 0) }))
    .sort((a, b) => b.shared - a.shared)
    .slice(0, mostShown)
    .map(({ rule, missed }) => describeMiss(rule, missed));
}

/** For the detail of a refusal. Empty if there are none. */
export function describeNearest(nearest: readonly NearMiss[]): string {
  if (nearest.length === 0) return '';
  const rules = nearest.map(({ rule, misses }) => {
    const parts = misses.map(({ part, why }) => `${part} ${why}`);
    return `${excerpt(rule.name)} (${parts.join('; ')})`;
  });
  return `; nearest: ${rules.join(', ')}`;
}

/** A part with the two sides that it compares. */
interface BoundPart {
  readonly name: string;
  readonly why: () => string;
  readonly shared: () => number;
}

/** Undefined if the rule is for the other kind of check. */
function partsMissed({ match }: Rule, sought: Sought | SoughtConnection): readonly BoundPart[] | undefined {
  if ('path' in sought) return match.protocol === 'http' ? unmet(ofRequests, match, sought) : undefined;
  return match.protocol === 'tcp' ? unmet(ofConnections, match, sought) : undefined;
}

function unmet<Match, Asked>(
  parts: readonly Part<Match, Asked>[],
  match: Match,
  sought: Asked,
): readonly BoundPart[] {
  return parts
    .filter(({ fits }) => !fits(match, sought))
    .map(({ name, why, shared }) => ({
      name,
      why: () => why(match, sought),
      shared: () => shared(match, sought),
    }));
}

function describeMiss(rule: Rule, missed: readonly BoundPart[]): NearMiss {
  return { rule, misses: missed.map(({ name, why }) => ({ part: name, why: why() })) };
}

/** Each pattern counts once more, for what does not depend on its length. */
function partsOf({ match }: Rule): number {
  let parts = 1;
  for (const { path } of match.destinations) parts += 1 + path.length;
  if (match.protocol !== 'http') return parts;
  for (const { labels } of match.hosts) parts += 1 + labels.length;
  for (const path of match.paths) parts += 1 + path.length;
  return parts;
}

/** Hosts are read from both ends: `orders.*` and `*.example.com` each tell where they belong. */
function sharedLabels(pattern: Pattern, labels: readonly string[]): number {
  return Math.max(sharedSteps(pattern, labels), sharedSteps(pattern.toReversed(), labels.toReversed()));
}

function pathText(segments: readonly string[]): string {
  // A path can have thousands of characters, so only what may be shown is joined.
  return excerpt(`/${segments.slice(0, 20).join('/')}`);
}
