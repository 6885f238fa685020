import { isDeepStrictEqual } from 'node:util';
import type { RuleConfig } from '../config/schema.ts';
import { Denial } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Route } from '../core/policy/routes.ts';
import { type OnStep, stepping } from '../lib/on-step.ts';
import { everything, type Probe, probesOf, shapeOf } from './probes.ts';
import type { Side } from './side.ts';
import type { Space } from './space.ts';

/** Requests that one rule of each side decides, or that a side refuses before any rule. */
export interface Cell {
  readonly routes: readonly [Route | Denial, Route | Denial];
  /** The simplest first. */
  readonly probes: [Probe, ...Probe[]];
}

export interface Cells {
  readonly cells: readonly Cell[];
  /** Pairs of rules that were not compared to the end. */
  readonly leftOut: readonly string[];
}

/** Requests of one cell that are kept. A condition may tell them apart. */
const mostProbes = 8;
/** Requests of one pair of rules after which one that was found is enough. */
const enoughTries = 200;
/** Requests of one pair of rules, and of all pairs. */
const mostTries = 20_000;
const mostTriesInAll = 1_000_000;
/** About 20 seconds. Two thousand rules have as many, if their order changes. */
const mostPairs = 4_000_000;

/**
 * Finds every pair of rules, one of each side, that decide about the same request: each pair of rules is
 * overlapped, and the router of each side says which rule comes first. So a rule that lies behind others
 * shows only where it counts.
 */
export function findCells(before: Side, after: Side, space: Space, onStep: OnStep): Cells {
  const found = new Map<string, Cell>();
  const decided = [new Set<string>(), new Set<string>()] as const;
  const seen = new Set<string>();
  const leftOut: string[] = [];
  // A service that is observed lets requests pass that no rule covers.
  const [observed, observedAfter] = [before, after].map(
    ({ trial }) => trial.policy.observation !== undefined,
  );

  if (routeAlike(before, after))
    for (const [index, rule] of before.rules.entries()) walk(rule, undefined, after.rules[index]);
  else {
    for (const rule of stepping(before.rules, 'rules of the old configuration', onStep))
      walk(rule, undefined);
    for (const rule of stepping(after.rules, 'rules of the new configuration', onStep)) walk(undefined, rule);
    // A rule that decides about none of its own requests lies behind others. It decides about no request.
    const others = after.rules.filter(({ name }) => decided[1].has(name));
    let pairs = 0;
    for (const one of stepping(before.rules, 'rules compared with all others', onStep)) {
      if (!decided[0].has(one.name)) continue;
      pairs += others.length;
      if (pairs > mostPairs) leftOut.push(`${one.name} and every other rule`);
      else for (const other of others) walk(one, other);
    }
  }
  if (observed !== observedAfter)
    for (const protocol of ['http', 'tcp'] as const)
      for (const probe of probesOf(everything(protocol), everything(protocol), space)) note(probe);
  return { cells: [...found.values()], leftOut };

  function walk(one: RuleConfig | undefined, other: RuleConfig | undefined, partner = other): void {
    const any = everything((one ?? other)?.match.protocol ?? 'http');
    const sought = keyOf(one?.name ?? 'no_rule', partner?.name ?? 'no_rule');
    let tries = 0;
    let place = '';
    for (const probe of probesOf(one?.match ?? any, other?.match ?? any, space)) {
      // All hosts are tried with one method and path, because they can meet different rules.
      const next = `${probe.method} ${probe.path}`;
      const kept = found.get(sought)?.probes.length ?? 0;
      if (next !== place && kept > 0 && (kept >= mostProbes || tries > enoughTries)) return;
      place = next;
      const text = JSON.stringify(probe);
      if (seen.has(text)) continue;
      if (++tries > mostTries || seen.size > mostTriesInAll) {
        leftOut.push([one?.name, partner?.name].filter((name) => name !== undefined).join(' and '));
        // It is not known whether they decide, so they stay.
        for (const [at, rule] of [one, other].entries()) if (rule) decided[at]?.add(rule.name);
        return;
      }
      seen.add(text);
      note(probe);
    }
  }

  function note(probe: Probe): void {
    const evidence = evidenceOf(probe);
    const first = before.trial.policy.routes.match(evidence);
    const second = after.trial.policy.routes.match(evidence);
    for (const [at, route] of [first, second].entries())
      if (!(route instanceof Denial)) decided[at]?.add(route.rule.name);
    if (first instanceof Denial && second instanceof Denial && observed === observedAfter) return;
    const key = keyOf(nameOf(first), nameOf(second));
    const cell = found.get(key);
    if (!cell) found.set(key, { routes: [first, second], probes: [probe] });
    else if (cell.probes.length < mostProbes && isOther(probe, cell.probes, space)) cell.probes.push(probe);
  }
}

/** Whether both sides find the rule of the same number for each request. */
function routeAlike(before: Side, after: Side): boolean {
  const [one, other] = [before, after].map(({ config: { hosts, paths }, rules }) => [
    ...[hosts, paths],
    rules.map(({ match }) => match),
  ]);
  return isDeepStrictEqual(one, other);
}

function isOther(probe: Probe, known: readonly Probe[], space: Space): boolean {
  const shape = (one: Probe) => `${one.method} ${shapeOf(one, space)}`;
  return known.every((one) => shape(one) !== shape(probe));
}

function nameOf(route: Route | Denial): string {
  return route instanceof Denial ? route.reason : route.rule.name;
}

function keyOf(one: string, other: string): string {
  return `${one} ${other}`;
}

function evidenceOf({
  method,
  host,
  path,
  destination = '',
  port = 0,
  context = {},
  protocol,
}: Probe): Evidence {
  return {
    ...(protocol !== 'tcp' && { request: { method, host, path, headers: {} } }),
    peer: {},
    destination: { principal: destination, port },
    context,
  };
}
