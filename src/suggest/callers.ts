import { bindingNames } from '../core/binding/bind.ts';
import { distinct, joinBoxes } from './boxes.ts';
import { type CallerBox, type CallerPart, conditionOf } from './caller-condition.ts';
import { callerKey, type SeenCaller } from './observation.ts';

export const callerParts: readonly CallerPart[] = [
  ...(['subject', 'account', 'client', 'actors', 'peer', 'issuer', 'host'] as const),
];

/** What a rule requires, as it stands in the configuration. */
export type Requirement = Readonly<Record<string, unknown>>;

/**
 * Each caller once, without those that only have more scopes than another: a rule for the other lets them in.
 * Sorted.
 */
export function leastCallers(callers: readonly SeenCaller[]): readonly SeenCaller[] {
  const once = new Map(callers.map((caller) => [`${callerKey(caller)}${caller.binding}`, caller]));
  const sorted = [...once].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, caller]) => caller);
  const alike = Map.groupBy(sorted, (caller) => callerKey({ ...caller, scopes: [] }));
  return sorted.filter((caller) => {
    const others = alike.get(callerKey({ ...caller, scopes: [] })) ?? [];
    return !others.some(
      ({ scopes }) =>
        scopes.length < caller.scopes.length && scopes.every((scope) => caller.scopes.includes(scope)),
    );
  });
}

/** Callers as boxes: few, disjoint, and without a combination that is not a caller. */
export function callerBoxes(callers: readonly SeenCaller[]): readonly CallerBox[] {
  const once = new Map(callers.map((caller) => [callerKey(caller), caller]));
  const boxes = [...once.values()].map(
    (caller): CallerBox => ({
      lists: {
        ...{ issuer: [caller.issuer], peer: [caller.peer], account: [caller.account] },
        ...{ subject: [caller.subject], client: [caller.client], host: [caller.host] },
        actors: [caller.actors],
        scopes: [JSON.stringify(caller.scopes)],
      },
      members: [caller],
    }),
  );
  return joinBoxes(boxes, callerParts);
}

/**
 * The parts that tell these callers from all others. A caller without a client or a peer is another one than
 * the same subject with it. Tokens of ServiceAccounts never have a client.
 * @param peers whether peers can have SPIFFE IDs
 */
export function tellingParts(callers: readonly SeenCaller[], peers: boolean): readonly CallerPart[] {
  const isMissing = (part: CallerPart, caller: SeenCaller) =>
    (part === 'peer' && peers) || (part === 'client' && caller.account === '');
  return callerParts.filter((part) =>
    callers.some((caller) => caller[part] !== '' || isMissing(part, caller)),
  );
}

/**
 * The requirement that these callers meet and no others. Lists are used where their product is exact. A
 * condition says the rest: a rule that holds for a request decides about all of its callers.
 */
export function requireCallers(callers: readonly SeenCaller[], peers: boolean): Requirement {
  const boxes = callerBoxes(callers);
  const valuesOf = (part: CallerPart) => distinct(callers.map((caller) => caller[part]));
  const named = (part: CallerPart) => (valuesOf(part).includes('') ? [] : valuesOf(part));
  const scopes = commonScopes(callers);
  const open = tellingParts(callers, peers).filter((part) => {
    const values = valuesOf(part);
    return (
      part === 'client' || part === 'actors' || values.includes('') || (boxes.length > 1 && values.length > 1)
    );
  });
  const when = conditionOf(boxes, open, scopes);
  const subjects = named('subject');
  return {
    issuers: named('issuer'),
    ...(named('peer').length > 0 && { peers: named('peer') }),
    ...(named('account').length > 0 && { serviceAccounts: named('account') }),
    ...(subjects.length > 0 && { claims: { sub: subjects.length === 1 ? subjects[0] : subjects } }),
    ...(scopes.length > 0 && { scopes }),
    binding: bindingNames.filter((name) => callers.some(({ binding }) => binding === name)),
    ...(when !== undefined && { when }),
  };
}

function commonScopes([first, ...others]: readonly SeenCaller[]): readonly string[] {
  return (first?.scopes ?? []).filter((scope) => others.every(({ scopes }) => scopes.includes(scope)));
}
