import type { Config, RuleConfig, TeamRules } from '../config/schema.ts';
import type { Nonces } from '../core/binding/nonces.ts';
import { createIdentity } from '../core/identity/identity.ts';
import type { KnownIdentity } from '../core/identity/known-identity.ts';
import type { SigningKeys } from '../core/internal-token/signing-key.ts';
import type { Policy } from '../core/judgement.ts';
import type { Bundle } from '../core/peer/bundle.ts';
import { observeRequirements, observeRule } from '../core/policy/observation.ts';
import { normalizePath, type PathReading } from '../core/policy/path.ts';
import { type RouteReading, Routes } from '../core/policy/routes.ts';
import type { Rule } from '../core/policy/rule.ts';
import { claimPath } from '../core/token/claim-path.ts';
import { acceptsIssuer, type Issuer, Issuers } from '../core/token/issuers.ts';
import type { Digest } from '../core/token/verify-token.ts';
import type { UsedProofs } from '../core/used/used-proofs.ts';
import { Cache } from '../lib/cache.ts';
import { atOnce, mapInSteps, type Steps } from '../lib/in-turns.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Pattern } from '../lib/pattern.ts';
import { createSharing } from '../lib/share.ts';
import { weightOf, weightOfEntry } from '../lib/weight.ts';
import { createActors } from './create-actors.ts';
import { createInternalToken } from './internal-token.ts';
import { createProofSettings } from './proof-settings.ts';
import { makeResources } from './protected-resources.ts';

/** Creates the policy of a configuration at once. */
export function createPolicy(...of: Parameters<typeof makePolicy>): Policy {
  return atOnce(makePolicy(...of));
}

/** What is made beside a policy, and outlives it. */
interface PolicyParts {
  readonly known?: KnownTeamRules;
  /** Undefined: no tokens are minted. */
  readonly signing?: SigningKeys | undefined;
  /** Undefined: no proof needs a nonce. */
  readonly nonces?: Nonces | undefined;
}

/** Makes the policy of a configuration. Its caches are empty: nothing survives a reload. */
export function* makePolicy(
  config: Config,
  issuers: readonly Issuer[],
  digest: Digest,
  bundles: ReadonlyMap<string, Bundle>,
  usedProofs: UsedProofs,
  { known, signing, nonces }: PolicyParts = {},
): Steps<Policy> {
  const trustDomains = Object.keys(config.peers.trustDomains ?? {});
  return {
    ...(yield* ruling(config, issuers, known)),
    peers: {
      from: config.peers.from,
      trustDomains:
        trustDomains.length > 0 ? new Map(trustDomains.map((name) => [name, bundles.get(name)])) : undefined,
      gateways: config.peers.gateways,
      clockSkew: config.peers.clockSkew,
    },
    tokens: { issuers: new Issuers(issuers), maxTokenLength: config.limits.tokenLength },
    identity: createIdentity(
      config.identity,
      createInternalToken(config, routeReading(config), signing, digest),
    ),
    proofs: createProofSettings(config, digest, nonces),
    clients: new Map(Object.entries(config.clients)),
    // The constant covers the proven chain that a bundle caches.
    certificates: new Cache(config.limits.certificateMemory, (pem, read) => weightOfEntry(pem, read) + 256),
    // The key is not counted, because its issuer holds it anyway.
    tokenCache: new Cache(config.limits.tokenMemory, (id, { token }) => weightOfEntry(id, token)),
    identityCache: new Cache(0.5 * config.limits.tokenMemory, weightOfIdentity),
    digest,
    usedProofs,
  };
}

/**
 * The policy of the same configuration with other rules of teams. Its caches are kept: they hold what tokens,
 * certificates and identities are, and not what they may. An identity is made again if its rule is another.
 */
export function* withTeams(policy: Policy, config: Config, known: KnownTeamRules): Steps<Policy> {
  return { ...policy, ...(yield* ruling(config, policy.tokens.issuers.all(), known)) };
}

/** The part of a policy that the rules decide. */
function* ruling(
  config: Config,
  issuers: readonly Issuer[],
  known?: KnownTeamRules,
): Steps<Pick<Policy, 'routes' | 'observation' | 'resources'>> {
  const rules = yield* makeRules(config, known);
  return {
    routes: yield* Routes.make(rules, routeReading(config)),
    observation: config.mode === 'observe' ? observeRule(standIn(config)) : undefined,
    resources: yield* makeResources(config, rules, issuers),
  };
}

/**
 * The rule for checks that no rule covers. It accepts DPoP too, so that the line shows a proof that a rule could
 * ask for.
 */
function standIn(config: Config): Rule {
  const rule = createRule(noRule, config);
  return { ...rule, issuers: issuersOfAll(config), binding: [...rule.binding, 'dpop'] };
}

/** Stands for the rule of a check that no rule covers, if the service is observed. */
const noRule: RuleConfig = {
  name: '',
  match: { protocol: 'http', hosts: [], methods: [], paths: [], context: {}, destinations: [], ports: [] },
};

/** How requests are compared with rules. */
export function routeReading({ hosts, paths, peers }: Config): RouteReading {
  const destinations = { xfcc: peers.from.includes('xfcc'), waypoints: peers.waypoints };
  return { hosts, paths, destinations };
}

/**
 * The issuers that all rules accept. A client can write the path of any application in a way that no rule
 * covers, so it must not name a user there whom the rules of that application do not accept. An empty list
 * accepts every issuer.
 */
function issuersOfAll(config: Config): readonly string[] {
  const lists = listRules(config).map(({ require }) => require?.issuers ?? []);
  const shared = Object.keys(config.issuers).filter((name) =>
    lists.every((list) => acceptsIssuer(list, name)),
  );
  return shared.length > 0 ? shared : [nobody];
}

/** No issuer has this name. */
const nobody = '';

/** A text weighs two bytes for each character: it takes one here, and one in the answer that is kept beside. */
function weightOfIdentity(key: string, { identity: { set, remove }, told }: KnownIdentity): number {
  return 2_048 + weightOfEntry(key, remove.names) + weightOf(set) + told;
}

/** All rules in their order. Those of `workloads` come with their destinations. All have their full names. */
export function listRules({
  rules,
  workloads,
  teams = [],
  lastRules,
}: Pick<Config, 'rules' | 'workloads' | 'teams' | 'lastRules'>): readonly RuleConfig[] {
  const owned = Object.entries(workloads).flatMap(([owner, { destinations, rules: list }]) =>
    list.map((rule) => ({
      ...rule,
      name: `${owner}/${rule.name}`,
      match: { ...rule.match, destinations },
    })),
  );
  return [...rules, ...owned, ...teams.flatMap(rulesOfTeam), ...lastRules];
}

function rulesOfTeam({ owner, rules }: TeamRules): readonly RuleConfig[] {
  return rules.map((rule) => ({ ...rule, name: `${owner}/${rule.name}` }));
}

/** The rules of teams as a check meets them, by the list that they were made of. For one own configuration. */
export type KnownTeamRules = WeakMap<TeamRules['rules'], readonly Rule[]>;

/** The rules as a check meets them, in the order of `listRules`. */
export function createRules(config: Config): readonly Rule[] {
  return atOnce(makeRules(config));
}

function* makeRules(config: Config, known: KnownTeamRules = new WeakMap()): Steps<readonly Rule[]> {
  const share = createSharing();
  const make = (rule: RuleConfig) => withObservation(share(createRule(rule, config)), rule, config.mode);
  const ofTeam = (team: TeamRules) => {
    const made = known.get(team.rules) ?? rulesOfTeam(team).map(make);
    known.set(team.rules, made);
    return made;
  };
  const first = yield* mapInSteps(listRules({ ...config, teams: [], lastRules: [] }), make);
  const ofTeams = yield* mapInSteps(config.teams ?? [], ofTeam, 1);
  return [...first, ...ofTeams.flat(), ...(yield* mapInSteps(config.lastRules, make))];
}

function knowsWorkloads({ peers }: Config): boolean {
  return Object.keys(peers.trustDomains ?? {}).length > 0;
}

function createRule({ name, match, require, public: isPublic }: RuleConfig, config: Config): Rule {
  const { protocol, hosts, methods, context, ports, destinations } = match;
  const paths = match.paths.map((pattern) => readAs(pattern, config.paths));
  return {
    name,
    match:
      protocol === 'tcp'
        ? { protocol, ports, destinations }
        : { protocol, hosts, methods, paths, context, ports, destinations },
    public: isPublic ?? false,
    tokenIsOptional: require?.token === 'optional',
    issuers: require?.issuers ?? [],
    scopes: require?.scopes ?? [],
    claims: Object.entries(require?.claims ?? {}).map(([claim, values]) => ({
      claim,
      path: claimPath(claim),
      values: Array.isArray(values) ? values : [values],
    })),
    serviceAccount: {
      serviceAccounts: require?.serviceAccounts ?? [],
      namespaces: require?.namespaces ?? [],
      pods: require?.pods ?? [],
    },
    actors: require?.actors && createActors(require.actors, config.clients),
    allowLists: createAllowLists(require),
    when: require?.when,
    peers: require?.peers ?? [],
    credential: require?.credential ?? 'bearer',
    authorizationServer: require?.authorizationServer,
    binding: require?.binding ?? defaultBinding(require?.credential, knowsWorkloads(config)),
    observation: undefined,
  };
}

function defaultBinding(credential: Rule['credential'] | undefined, hasWorkloads: boolean): Rule['binding'] {
  if (credential === 'wit') return ['wit'];
  return hasWorkloads ? ['certificate', 'workload'] : ['certificate'];
}

function withObservation(rule: Rule, { mode, require }: RuleConfig, ofService: Config['mode']): Rule {
  if ((mode ?? ofService) === 'observe') return { ...rule, observation: observeRule(rule) };
  const names = require?.observe ?? [];
  return names.length === 0 ? rule : { ...rule, observation: observeRequirements(rule, names) };
}

/** Patterns were parsed before it was known how paths are read. Wildcards stay as they are. */
function readAs(pattern: Pattern, reading: PathReading): Pattern {
  const path = normalizePath(`/${pattern.join('/')}`, reading);
  if (path instanceof Malformed) throw new TypeError(path.why);
  return path.segments;
}

function createAllowLists(require: RuleConfig['require']): Rule['allowLists'] {
  const { emails = [], emailDomains = [] } = require ?? {};
  if (emails.length === 0 && emailDomains.length === 0) return undefined;
  return { ...(emails.length > 0 && { emails }), ...(emailDomains.length > 0 && { emailDomains }) };
}
