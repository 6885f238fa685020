import { RouteIndex } from '../core/policy/route-index.ts';
import type { Effort } from '../lib/contains.ts';
import { listed } from '../lib/excerpt.ts';
import { atOnce } from '../lib/in-turns.ts';
import { covers, type Match, type RequestReading } from './covers.ts';
import type { Found, PlacedRule, Subject } from './finding.ts';
import { partsOf, samplesOf } from './samples.ts';

/** Steps of comparing for a whole configuration: one or two seconds. */
const allEffort = 8_000_000;
/** Steps of one rule, so that few odd patterns do not take those of all others. */
const effortOfRule = 400_000;
/** One question to the router, in steps, without those for its segments. */
const costOfSample = 20;
/** Rules that a message names. */
const mostNames = 5;

/**
 * Rules that never decide, because one earlier rule covers all their requests, or several do together. Each
 * found rule is surely unreachable. Of a rule that several cover, it only sees that each combination of its
 * entries is covered by one of them.
 *
 * To compare each rule with each earlier one takes too long for 10,000 rules. So it first asks the router for
 * requests that only this rule is likely to cover. Whatever reaches the rule this way is done.
 */
export function findUnreachable({ config, rules }: Subject): readonly Found[] {
  const reading: RequestReading = {
    plainHosts: config.hosts.ignorePort === true && config.hosts.ignoreTrailingDot === true,
    slashCounts: !config.paths.ignoreTrailingSlash,
  };
  const index = atOnce(RouteIndex.make(rules.map(({ rule }) => rule)));
  const places = new Map(rules.map(({ rule }, place) => [rule, place]));
  const longest = Math.max(0, ...new Set(rules.flatMap(({ rule }) => lengthsOf(rule.match))));
  const effort: Effort = { left: 0 };
  let left = allEffort;
  const skipped: PlacedRule[] = [];
  const found: Found[] = [];
  for (const [at, placed] of rules.entries()) {
    const parts = partsOf(placed.rule.match);
    const granted = Math.min(effortOfRule, left);
    effort.left = granted;
    const covering = parts && granted > 0 ? findCovering(placed, at, parts) : undefined;
    left -= granted - effort.left;
    if (!parts || effort.left <= 0) skipped.push(placed);
    else if (covering) found.push({ path: [...placed.path, 'name'], message: unreachable(covering) });
  }
  if (skipped[0]) found.push(notCompared(skipped[0], skipped.length));
  return found;

  /** The earlier rules that cover all parts of a rule. A single one, if one covers them all. */
  function findCovering(
    { rule }: PlacedRule,
    at: number,
    parts: readonly Match[],
  ): readonly PlacedRule[] | undefined {
    const from: number[] = [];
    for (const part of parts) {
      const place = firstAsked(part, at);
      if (place >= at) return undefined;
      from.push(place);
    }
    const first = rules[from[0] ?? at];
    if (first && covers(first.rule.match, rule.match, reading, effort)) return [first];
    const covering = new Set<PlacedRule>();
    for (const [number, part] of parts.entries()) {
      const one = firstCovering(part, from[number] ?? at, at);
      if (!one) return undefined;
      if (covers(one.rule.match, rule.match, reading, effort)) return [one];
      covering.add(one);
    }
    return [...covering];
  }

  /** The last of the rules that the router finds for samples of the part: no rule before it covers them. */
  function firstAsked(part: Match, at: number): number {
    let last = 0;
    for (const sample of part.protocol === 'tcp' ? [] : samplesOf(part, longest, reading.plainHosts)) {
      effort.left -= costOfSample + sample.host.labels.length + sample.path.length;
      const rule = index.find(sample);
      last = Math.max(last, (rule && places.get(rule)) ?? 0);
      if (last >= at || effort.left <= 0) break;
    }
    return last;
  }

  function firstCovering(part: Match, from: number, to: number): PlacedRule | undefined {
    for (let place = from; place < to && effort.left > 0; place++) {
      const earlier = rules[place];
      if (earlier && covers(earlier.rule.match, part, reading, effort)) return earlier;
    }
    return undefined;
  }
}

function lengthsOf(match: Match): readonly number[] {
  const patterns = [
    ...match.destinations.map(({ path }) => path),
    ...(match.protocol === 'http' ? [...match.hosts.map(({ labels }) => labels), ...match.paths] : []),
  ];
  return patterns.map(({ length }) => length);
}

function unreachable(covering: readonly PlacedRule[]): string {
  const names = covering.map(({ rule }) => rule.name);
  const shown = listed(names, mostNames);
  return names.length === 1
    ? `never decides: the rule ${shown} stands before it and covers all its requests; narrow that rule, move this one up, or remove it`
    : `never decides: the rules ${shown} stand before it and together cover all its requests; narrow one of them, move this rule up, or remove it`;
}

function notCompared({ path, rule }: PlacedRule, count: number): Found {
  const [which, they] =
    count === 1
      ? [`the rule ${rule.name} was`, 'it']
      : [`${count} rules, such as ${rule.name}, were`, 'them'];
  return {
    path: [...path, 'name'],
    severity: 'note',
    message: `${which} not compared with the rules before ${they}, because that takes too long: use fewer entries or fewer rules`,
  };
}
