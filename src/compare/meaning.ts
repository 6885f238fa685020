import { isDeepStrictEqual } from 'node:util';
import type { ActorRequirement, Party } from '../core/policy/actors.ts';
import type { Rule } from '../core/policy/rule.ts';
import { isOfClient } from '../core/token/credential.ts';
import { acceptsIssuer, type Issuer } from '../core/token/issuers.ts';
import { astText } from './condition-text.ts';
import { identityOf, type Side } from './side.ts';

/**
 * All that decides about a request once its rule is known, in a form that can be compared: two equal meanings
 * give equal verdicts. Names of rules and the order of lists are left out. Who has the keys of an issuer is
 * left out too: see `unjudgedChanges`.
 */
export function meaningOf(side: Side, rule: Rule): string {
  const { config, trial } = side;
  const { identity } = config;
  if (rule.public) return JSON.stringify({ public: true, identity });
  const observation = observationOf(side, rule);
  const { peers, clients, hosts, paths } = config;
  const sender = {
    peers: rule.peers.map(({ text }) => text).sort(),
    from: peers.from,
    trustDomains: Object.keys(peers.trustDomains ?? {}).sort(),
    gateways: peers.gateways.map(({ text }) => text).sort(),
  };
  if (rule.match.protocol === 'tcp') return JSON.stringify({ sender, observation });
  const { actors, allowLists, when } = rule;
  const { serviceAccounts, namespaces, pods } = rule.serviceAccount;
  const issuers = [...trial.issuers.values()]
    .map(({ issuer }) => issuer)
    .filter(({ name }) => acceptsIssuer(rule.issuers, name));
  return JSON.stringify({
    ...{ sender, identity, observation },
    token: rule.tokenIsOptional,
    issuers: issuers.map((issuer) => issuerMeaning(issuer, when !== undefined)).sort(),
    // A token of an issuer that the rule does not accept is refused for another reason only.
    scopes: sorted(rule.scopes),
    claims: rule.claims.map(({ path, values }) => JSON.stringify([path, sorted(values)])).sort(),
    accounts: [serviceAccounts, namespaces, pods].map((list) => sorted<unknown>(list)),
    actors: actors && actorMeaning(actors),
    allowLists: [sorted(allowLists?.emails ?? []), sorted(allowLists?.emailDomains ?? [])],
    ...(when && { when: astText(when.evaluate.ast), hosts, paths }),
    binding: sorted(rule.binding),
    credential: [rule.credential, rule.authorizationServer],
    clients: clientsMatter(rule) ? clientMeaning(clients) : undefined,
  });
}

/** What is observed, as the rule that is left without it. */
function observationOf(side: Side, { observation }: Rule): unknown {
  if (!observation) return undefined;
  const { reasons, passesUnbound, rule } = observation;
  const left = meaningOf(side, { ...rule, observation: undefined });
  return [reasons && sorted([...reasons]), passesUnbound, left];
}

/** Whether two rules need the same condition to be true. */
export function haveSameCondition(one: Rule | undefined, other: Rule | undefined): boolean {
  return isDeepStrictEqual(
    one?.when && astText(one.when.evaluate.ast),
    other?.when && astText(other.when.evaluate.ast),
  );
}

function issuerMeaning(issuer: Issuer, isNamed: boolean): string {
  const { keys, authority, algorithms: _, name, audiences, ...rest } = issuer;
  return JSON.stringify({
    ...rest,
    identity: identityOf(issuer),
    audiences: sorted(audiences),
    ways: [keys !== undefined, authority !== undefined],
    // A condition may read the name.
    name: isNamed ? name : undefined,
  });
}

function actorMeaning({ allow, ...rest }: ActorRequirement): unknown {
  const textOf = ({ text }: Party) => text;
  const entries = allow.map((one) => [sorted(one.who.map(textOf)), sorted(one.for.map(textOf))]);
  return { ...rest, allow: sorted(entries) };
}

function clientsMatter({ binding, credential, actors }: Rule): boolean {
  return binding.includes('workload') || isOfClient(credential) || actors !== undefined;
}

function clientMeaning(clients: Side['config']['clients']): readonly string[] {
  return Object.entries(clients)
    .map(([id, { workloads, issuers }]) =>
      JSON.stringify([id, workloads.map(({ text }) => text).sort(), issuers && sorted(issuers)]),
    )
    .sort();
}

function sorted<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
