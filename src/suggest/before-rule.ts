import type { RuleConfig } from '../config/schema.ts';
import { matchesSpiffePattern, parseSpiffeId } from '../core/peer/spiffe-id.ts';
import { Malformed } from '../lib/malformed.ts';
import { matchesPattern } from '../lib/pattern.ts';
import { distinct } from './boxes.ts';
import { accountsTerm, conditionOf, eitherOf, listText, scopeTerm } from './caller-condition.ts';
import { callerBoxes, type Requirement, tellingParts } from './callers.ts';
import type { SeenCaller } from './observation.ts';

/** A rule of the configuration, as it was read and as it was written. */
export interface TakingRule {
  readonly rule: RuleConfig;
  readonly written: { readonly require?: Requirement };
}

/**
 * The requirement of a rule that stands before another one, for requests that the other one takes. The callers
 * of the other rule still pass: the first rule that matches decides, so this one must accept them as well. Its
 * lists also accept what the new callers have, and its condition accepts that of the new callers only. A text
 * says why there is no such requirement. Does **not** know claims, pods and addresses: a caller that lacks one
 * is refused like before.
 */
export function requireAlso(
  { rule: { require }, written }: TakingRule,
  callers: readonly SeenCaller[],
  knowsPeers: boolean,
): Requirement | string {
  if (Object.hasOwn(written.require ?? {}, 'observe'))
    return 'the rule that takes the request observes single requirements: write the rule by hand';
  const { peers = [], serviceAccounts = [], namespaces = [], issuers = [], scopes = [] } = require ?? {};
  const lists = {
    peers: strangers(peers, callers, ({ peer }, pattern) => matchesPeer(pattern, peer)).map(
      ({ peer }) => peer,
    ),
    serviceAccounts: strangers(serviceAccounts, callers, ({ account }, pattern) =>
      matchesPattern(pattern, account.split('/')),
    ).map(({ account }) => account),
    namespaces: strangers(namespaces, callers, ({ account }, name) => namespaceOf(account) === name).map(
      ({ account }) => namespaceOf(account),
    ),
    issuers: strangers(issuers, callers, ({ issuer }, name) => issuer === name).map(({ issuer }) => issuer),
  };
  const added = Object.entries(lists).map(([name, values]) => [name, distinct(values)] as const);
  if (added.some(([, values]) => values.includes('')))
    return 'the caller has nothing that the rule could name';
  const missing = scopes.filter((scope) => !callers.every((caller) => caller.scopes.includes(scope)));
  const asBefore = [
    ...added.flatMap(([name, values]) => (values.length > 0 ? [`!(${terms[name]?.(values)})`] : [])),
    ...missing.map(scopeTerm),
  ];
  const those = conditionOf(callerBoxes(callers), tellingParts(callers, knowsPeers), []);
  if (asBefore.length === 0 || those === undefined) return 'the log does not show what the rule misses';
  const left = scopes.filter((scope) => !missing.includes(scope));
  const { when, scopes: _, ...others } = written.require ?? {};
  const condition = eitherOf([asBefore.join(' && '), those]);
  return {
    ...others,
    ...Object.fromEntries(
      added.flatMap(([name, values]) =>
        values.length > 0 ? [[name, [...((others[name] as readonly unknown[]) ?? []), ...values]]] : [],
      ),
    ),
    ...(left.length > 0 && { scopes: left }),
    when: when === undefined ? condition : `(${when}) && (${condition})`,
  };
}

/** How a condition asks whether the sender has one of the values. */
const terms: Readonly<Record<string, (values: readonly string[]) => string>> = {
  peers: (values) => `peer.spiffe_id in ${listText(values)}`,
  serviceAccounts: accountsTerm,
  namespaces: (values) => `serviceAccount.namespace in ${listText(values)}`,
  issuers: (values) => `token.issuer in ${listText(values)}`,
};

/** The callers that match no entry. Without entries, everybody matches. */
function strangers<Entry>(
  entries: readonly Entry[],
  callers: readonly SeenCaller[],
  matches: (caller: SeenCaller, entry: Entry) => boolean,
): readonly SeenCaller[] {
  if (entries.length === 0) return [];
  return callers.filter((caller) => !entries.some((entry) => matches(caller, entry)));
}

function matchesPeer(pattern: Parameters<typeof matchesSpiffePattern>[0], peer: string): boolean {
  const id = parseSpiffeId(peer);
  return !(id instanceof Malformed) && matchesSpiffePattern(pattern, id);
}

function namespaceOf(account: string): string {
  return account.split('/')[0] ?? '';
}
