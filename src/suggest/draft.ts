import { parseHost } from '../core/policy/host.ts';
import { recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { requireAlso } from './before-rule.ts';
import { type Box, joinBoxes } from './boxes.ts';
import { leastCallers, type Requirement, requireCallers } from './callers.ts';
import { generalPath } from './general-path.ts';
import { callerKey, type LogObservation, type ObservedRequest, type SeenCaller } from './observation.ts';
import type { RuleInPlace } from './rules-in-place.ts';

/** An observation, and the rule that refuses it. */
export interface PlacedObservation {
  readonly observation: LogObservation;
  /** Undefined if no rule takes the request. */
  readonly before: RuleInPlace | undefined;
}

/** A rule for some observations, not verified. */
export interface Draft {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly host: string;
  readonly before: RuleInPlace | undefined;
  readonly observations: readonly LogObservation[];
  readonly isUnbound: boolean;
  /** The paths that `*` made more general. */
  readonly general: readonly string[];
}

export interface DraftOptions {
  /** Whether rules name destinations. */
  readonly destinations: boolean;
  /** Whether peers can have SPIFFE IDs. */
  readonly peers: boolean;
  /** Whether the proxy may ignore a port or a final dot, because the configuration does not say it. */
  readonly openHosts: boolean;
  /** Whether segments that look like identifiers become `*`. */
  readonly general: boolean;
}

type RequestBox = Box<keyof ObservedRequest, LogObservation>;

const requestParts = ['path', 'method', 'host', 'destination'] as const;

/**
 * Makes the rules. Each request has one rule, because the first rule that matches decides. Requests with the
 * same callers share a rule if the product of its lists is exact.
 * @param refuse is told of observations that no rule can describe
 */
export function draftRules(
  wanted: readonly PlacedObservation[],
  options: DraftOptions,
  refuse: (observation: LogObservation, why: string) => void,
): readonly Draft[] {
  const requests = Map.groupBy(wanted, (one) => JSON.stringify([one.before?.name, covered(one, options)]));
  const described = [...requests.values()].map((group) => describe(group, options, refuse));
  const alike = Map.groupBy(described, ({ before, callers, breadth }) =>
    JSON.stringify([before?.name, breadth, callers.map((caller) => [callerKey(caller), caller.binding])]),
  );
  return [...alike.values()]
    .toSorted(([a], [b]) => (a?.breadth ?? 0) - (b?.breadth ?? 0))
    .flatMap((group) => rulesOf(group, options.peers, refuse));
}

/** The request as its rule matches it. */
function covered(
  one: PlacedObservation,
  { destinations, general, openHosts }: DraftOptions,
): ObservedRequest {
  const { request } = one.observation;
  return {
    ...request,
    ...(general && one.before === undefined && { path: generalPath(request.path) }),
    ...(!destinations && { destination: '' }),
    ...(openHosts && hasOpenHost(one) && { host: '' }),
  };
}

/**
 * Whether the host must be in the condition. The other rule takes every host, so a request with a port is its
 * own however the port is read. A rule that named the host would make that request ambiguous.
 */
function hasOpenHost({ observation, before }: PlacedObservation): boolean {
  const host = parseHost(observation.request.host);
  return before?.rule.match.hosts.length === 0 && !(host instanceof Malformed) && host.tail === '';
}

/** A request as a rule matches it, and everybody who sent it. */
interface Described {
  readonly box: RequestBox;
  readonly before: RuleInPlace | undefined;
  readonly callers: readonly SeenCaller[];
  /** How much more than one request it matches. A request takes the most exact rule. */
  readonly breadth: number;
}

/** Any number of segments is less than a host. */
const breadthOfHost = 1_000;

function describe(
  group: readonly PlacedObservation[],
  options: DraftOptions,
  refuse: (observation: LogObservation, why: string) => void,
): Described {
  const all = group.map(({ observation }) => observation);
  const isProven = all.some(({ caller }) => caller.binding !== 'none');
  const members = all.filter((one) => {
    const fits = one.caller.binding !== 'none' || !isProven;
    if (!fits) refuse(one, 'the token was not proven to be of its sender, as other callers prove it there');
    return fits;
  });
  const { method, host, path, destination } = covered(group[0] as PlacedObservation, options);
  const named = ({ caller, request }: LogObservation) =>
    host === '' ? { ...caller, host: request.host } : caller;
  return {
    box: { lists: { method: [method], host: [host], path: [path], destination: [destination] }, members },
    before: group[0]?.before,
    callers: leastCallers(members.map(named)),
    breadth: path.split('/').filter((segment) => segment === '*').length + (host === '' ? breadthOfHost : 0),
  };
}

function rulesOf(
  group: readonly Described[],
  peers: boolean,
  refuse: (observation: LogObservation, why: string) => void,
): readonly Draft[] {
  const [{ before, callers }] = group as readonly [Described];
  const boxes = joinBoxes(
    group.map(({ box }) => box),
    requestParts,
  );
  const require = before ? requireAlso(before, callers, peers) : requireCallers(callers, peers);
  if (typeof require !== 'string') return boxes.map((box) => draft(box, require, before, callers));
  for (const { members } of boxes) for (const one of members) refuse(one, require);
  return [];
}

function draft(
  { lists: { host, method, path, destination }, members }: RequestBox,
  require: Requirement,
  before: RuleInPlace | undefined,
  callers: readonly SeenCaller[],
): Draft {
  const { name: _, match, require: __, ...others } = recordOf(before?.written);
  // The ports and the context of the other rule are not in the log. They stay.
  const { ports, context } = recordOf(match);
  return {
    rule: {
      ...others,
      match: {
        ...(!host.includes('') && { hosts: host }),
        ...{ methods: method, paths: path },
        ...(!destination.includes('') && { destinations: destination }),
        ...(ports !== undefined && { ports }),
        ...(context !== undefined && { context }),
      },
      require,
    },
    host: host[0] || (members[0]?.request.host ?? ''),
    before,
    observations: members,
    isUnbound: callers.some(({ binding }) => binding === 'none'),
    general: path.filter((one) => one.includes('*')),
  };
}
