import type { SpiffePattern } from '../../core/peer/spiffe-id.ts';
import type { HostPattern } from '../../core/policy/host.ts';
import type { Effort } from '../../lib/contains.ts';
import { mapInSteps, type Steps } from '../../lib/in-turns.ts';
import { overlaps } from '../../lib/overlaps.ts';
import type { Pattern } from '../../lib/pattern.ts';
import type { RuleConfig, TeamRules } from '../schema.ts';

type Match = RuleConfig['match'];

/** A rule that some requests do not reach, because a team before it rules over them. */
export interface Conflict {
  readonly owner: string;
  /** Its place among the rules of the owner. */
  readonly at: number;
  readonly rule: string;
  /** The rule that decides these requests, `<owner>/<rule>`. */
  readonly with: string;
}

/** Steps of comparing for a whole configuration: less than a second. */
const allEffort = 4_000_000;
/** Steps of comparing one rule, or one team, with another: some milliseconds. */
const effortOfOne = 100_000;

/** Conflicts of one team that are named. */
const mostNamed = 10;

/**
 * Finds rules of different teams that match the same requests, in the order in which they are tried: the
 * first one decides. Each conflict that it finds is one. With many teams that rule over the same places it
 * stops to look. Paths are compared with case.
 */
export function* findConflicts(teams: readonly TeamRules[]): Steps<readonly Conflict[]> {
  const effort: Effort = { left: allEffort };
  const places = yield* mapInSteps(teams, (team) => ({ ...team, ...placesOf(team.rules) }), 1);
  const found: Conflict[] = [];
  for (const [place, team] of places.entries()) {
    const meets = yield* mapInSteps(
      places.slice(0, place),
      (other) => within(effort, (part) => mayMeet(team, other, part)),
      1,
    );
    const before = places.filter((_, at) => meets[at]);
    if (before.length > 0) found.push(...(yield* conflictsOf(team, before, effort)));
  }
  return found;
}

/** Spends a small part of the effort. */
function within<Result>(effort: Effort, look: (part: Effort) => Result): Result {
  const granted = Math.min(effortOfOne, effort.left);
  const part: Effort = { left: granted };
  const result = look(part);
  effort.left -= granted - part.left;
  return result;
}

export function conflictText({ rule, with: other }: Conflict): string {
  return `some requests of the rule ${rule} are decided by ${other}, which is tried first: narrow one of the two`;
}

function* conflictsOf(
  team: TeamRules,
  before: readonly TeamRules[],
  effort: Effort,
): Steps<readonly Conflict[]> {
  const found: Conflict[] = [];
  for (const [at, rule] of team.rules.entries()) {
    for (const other of before) {
      yield;
      const first = within(effort, (part) =>
        other.rules.find((one) => part.left >= 0 && haveRequest(one.match, rule.match, part)),
      );
      if (!first) continue;
      found.push({ owner: team.owner, at, rule: rule.name, with: `${other.owner}/${first.name}` });
      break;
    }
    if (found.length === mostNamed || effort.left < 0) break;
  }
  return found;
}

/** Where the rules of a team hold. Undefined: everywhere. */
interface Places {
  readonly destinations: readonly SpiffePattern[] | undefined;
  readonly hosts: readonly HostPattern[] | undefined;
}

function placesOf(rules: readonly RuleConfig[]): Places {
  const matches = rules.map(({ match }) => match);
  return {
    destinations: together(matches.map((match) => match.destinations)),
    hosts: together(matches.map((match) => match.hosts)),
  };
}

/** Equal entries of one team are the same object. */
function together<T>(lists: readonly (readonly T[])[]): readonly T[] | undefined {
  return lists.some(({ length }) => length === 0) ? undefined : [...new Set(lists.flat())];
}

/** A cheap look first: most teams rule over different places. */
function mayMeet(one: Places, other: Places, effort: Effort): boolean {
  return (
    meetAny(one.destinations, other.destinations, destinationsMeet, effort) &&
    meetAny(one.hosts, other.hosts, hostsMeet, effort)
  );
}

/** Whether a request can match both. */
function haveRequest(one: Match, other: Match, effort: Effort): boolean {
  effort.left--;
  return (
    one.protocol === other.protocol &&
    haveEntry(one.ports, other.ports) &&
    haveEntry(one.methods, other.methods) &&
    Object.entries(one.context).every(([name, value]) => (other.context[name] ?? value) === value) &&
    meetAny(one.destinations, other.destinations, destinationsMeet, effort) &&
    meetAny(one.hosts, other.hosts, hostsMeet, effort) &&
    meetAny<Pattern>(one.paths, other.paths, overlaps, effort)
  );
}

/** An empty list stands for every value. */
function haveEntry<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === 0 || other.length === 0 || one.some((entry) => other.includes(entry));
}

function meetAny<T>(
  one: readonly T[] | undefined,
  other: readonly T[] | undefined,
  meet: (a: T, b: T, effort: Effort) => boolean,
  effort: Effort,
): boolean {
  if (!one || !other || one.length === 0 || other.length === 0) return true;
  return one.some((a) => other.some((b) => effort.left >= 0 && meet(a, b, effort)));
}

function destinationsMeet(a: SpiffePattern, b: SpiffePattern, effort: Effort): boolean {
  effort.left--;
  return a.trustDomain === b.trustDomain && overlaps(a.path, b.path, effort);
}

function hostsMeet(a: HostPattern, b: HostPattern, effort: Effort): boolean {
  effort.left--;
  return a.tail === b.tail && overlaps(a.labels, b.labels, effort);
}
