import {
  kubernetesWorkload,
  matchesSpiffePattern,
  parseSpiffeId,
  type SpiffeId,
} from '../core/peer/spiffe-id.ts';
import type { Rule } from '../core/policy/rule.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Pattern } from '../lib/pattern.ts';
import { accountsOf } from './accounts.ts';
import { instancesOf, overlap } from './overlap.ts';
import type { Side } from './side.ts';
import type { Space } from './space.ts';

/** SPIFFE IDs of one rule. */
const mostSenders = 48;

/**
 * SPIFFE IDs that a rule may accept: one for each way to meet `peers`, and those that a token can be bound
 * to: the required ServiceAccounts, the workloads of registered clients, actors, required subjects.
 * @param hints names and IDs that a condition compares with
 */
export function sendersOf(
  { config: { clients }, trustDomains }: Side,
  rule: Rule,
  hints: readonly string[],
  space: Space,
): readonly string[] {
  const { fresh, longestId } = space;
  const found = new Set<string>();
  const add = (domain: string, pattern: Pattern, most: number) => {
    for (const path of instancesOf(pattern, fresh, longestId).slice(0, most))
      if (found.size < mostSenders) found.add(['spiffe:/', domain, ...path].join('/'));
  };
  const wanted: { readonly domain: string; readonly path: Pattern }[] = [
    ...accountsOf(rule.serviceAccount, fresh).flatMap(({ namespace, name }) =>
      at(['ns', namespace, 'sa', name]),
    ),
    ...Object.values(clients).flatMap(({ workloads }) =>
      workloads.map(({ trustDomain, path }) => ({ domain: trustDomain, path })),
    ),
    ...(rule.actors?.allow ?? []).flatMap(({ who }) =>
      who.flatMap(({ pattern }) => (pattern ? { domain: pattern.trustDomain, path: pattern.path } : [])),
    ),
    ...[...hints, ...rule.claims.flatMap(({ values }) => values.map(String))].flatMap(ofText),
  ];
  if (rule.peers.length > 0) for (const { trustDomain, path } of rule.peers) add(trustDomain, path, 12);
  else for (const domain of trustDomains) add(domain, ['ns', fresh, 'sa', fresh], 1);
  for (const { domain, path } of wanted)
    if (rule.peers.length === 0) add(domain, path, 2);
    else
      for (const peer of rule.peers)
        if (peer.trustDomain === domain) for (const both of overlap(peer.path, path)) add(domain, both, 2);
  return [...found];

  function at(path: Pattern) {
    return trustDomains.map((domain) => ({ domain, path }));
  }

  function ofText(text: string) {
    const id = parseSpiffeId(text);
    if (!(id instanceof Malformed)) return [{ domain: id.trustDomain, path: id.segments }];
    const [, namespace, name] = /^system:serviceaccount:([\w.-]+):([\w.-]+)$/.exec(text) ?? [];
    if (namespace !== undefined && name !== undefined) return at(['ns', namespace, 'sa', name]);
    if (!hints.includes(text) || !/^[\w.-]+$/.test(text)) return [];
    const names = hints.filter((hint) => /^[\w.-]+$/.test(hint)).slice(0, 4);
    return [...names, fresh].flatMap((other) => [
      ...at(['ns', text, 'sa', other]),
      ...at(['ns', other, 'sa', text]),
    ]);
  }
}

/** The clients that may send their tokens from this workload, for tokens of one issuer. */
export function clientsOf({ config: { clients } }: Side, id: SpiffeId, issuer: string): readonly string[] {
  return Object.entries(clients)
    .filter(
      ([, { workloads, issuers }]) =>
        (issuers?.includes(issuer) ?? true) && workloads.some((pattern) => matchesSpiffePattern(pattern, id)),
    )
    .map(([name]) => name);
}

export function accountOf(id: SpiffeId): Pattern | undefined {
  const workload = kubernetesWorkload(id);
  return workload && [workload.namespace, workload.serviceAccount];
}
