import { hash } from 'node:crypto';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Policy } from '../core/judgement.ts';
import type { Issuer } from '../core/token/issuers.ts';
import { noneUsed, type UsedProofs } from '../core/used/used-proofs.ts';
import { atOnce, type Steps } from '../lib/in-turns.ts';
import { Bulkheads } from '../sources/bulkhead.ts';
import { type KnownTeamRules, makePolicy, withTeams } from './create-policy.ts';
import { type ConfiguredSigningKeys, createSigningKeys } from './internal-token.ts';
import type { IssuerContext } from './issuer-authority.ts';
import { noncesOf } from './proof-settings.ts';
import { createIssuers, type RunningIssuer } from './running-issuers.ts';
import type { ConfiguredRevocations, RunningRevocations } from './running-revocations.ts';
import type { Shadow } from './shadow.ts';
import { silentIssuer } from './silent-issuer.ts';
import { type ConfiguredBundle, createBundles } from './trust-bundles.ts';

/** A configuration in use. It is replaced as a whole, so a check never sees two of them. */
export interface Generation {
  readonly loaded: LoadedConfig;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
  readonly policy: Policy;
  /** Rules of teams that were made for it. A change of one team does not make those of the others again. */
  readonly knownRules: KnownTeamRules;
  readonly issuers: readonly RunningIssuer[];
  readonly bundles: ReadonlyMap<string, ConfiguredBundle>;
  /** Undefined if no tokens are minted. A shadow uses the same: its tokens are sent nowhere. */
  readonly signing: ConfiguredSigningKeys | undefined;
  readonly shadow: RunningShadow | undefined;
  /** Keeps the revocations fresh. Undefined if nothing can be revoked. */
  readonly revocations: ConfiguredRevocations | undefined;
  /** Fetches, asks and watches for this configuration and its shadow. */
  readonly sources: ReadonlySet<Source>;
  /** Those of the configuration itself. Nothing waits for the others. */
  readonly needed: ReadonlySet<Source>;
}

/** A shadow, and what it judges with. */
export type RunningShadow = Shadow & Parts;

/** What judges checks by one file. */
type Parts = Pick<Generation, 'policy' | 'knownRules' | 'issuers' | 'bundles'>;

/** Works in the background from `start` to `stop`. */
export interface Source {
  /** Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): void;
}

export interface GenerationContext {
  readonly clock: () => number;
  /** Belong to the service, and outlive a configuration. */
  readonly bulkheads: Bulkheads;
  readonly usedProofs: UsedProofs;
  /** Without it nothing is revoked. */
  readonly revocations?: RunningRevocations | undefined;
  readonly requestsOf?: IssuerContext['requestsOf'];
  /** See `NonceContext`. */
  readonly nonceKey?: string | undefined;
  /** Called after each attempt to get the keys of an issuer, the bundle of a trust domain, or our own key. */
  readonly report: (what: 'keys' | 'bundle' | 'signing_key', of: string, failure: string | undefined) => void;
}

/** Creates the parts of a configuration at once. */
export function createGeneration(...of: Parameters<typeof makeGeneration>): Generation {
  return atOnce(makeGeneration(...of));
}

/**
 * Makes the parts of a configuration, with empty caches. Sources of the previous one that did not change
 * are kept, with their keys. If only rules of teams have changed, everything else is kept, also the caches.
 * Nothing is fetched yet.
 */
export function* makeGeneration(
  loaded: LoadedConfig,
  context: GenerationContext,
  previous?: Generation,
): Steps<Generation> {
  if (previous && isOfTeams(previous.loaded, loaded))
    return yield* withRulesOf(loaded, previous, context.clock());
  // A shadow asks nobody.
  const askFirst = loaded.config.readiness === 'issuers';
  const { config, files, resolve } = loaded;
  const { clock, report } = context;
  const signing = createSigningKeys(
    config.identity.token,
    { files, resolve, clock, report: (file, failure) => report('signing_key', file, failure) },
    previous?.signing,
  );
  const main = yield* makeParts(loaded, { ...context, askFirst, signing }, previous);
  const shadow = yield* makeShadowParts(loaded, { ...context, signing }, main, previous?.shadow);
  const revocations = context.revocations?.sourceFor(loaded, previous?.revocations);
  const needed = new Set([
    ...sourcesOf(main),
    ...(signing ? [signing] : []),
    ...(revocations ? [revocations] : []),
  ]);
  const sources = new Set([...needed, ...(shadow ? sourcesOf(shadow) : [])]);
  return { loaded, loadedAt: clock(), ...main, signing, shadow, revocations, sources, needed };
}

/** Whether two configurations differ in rules of teams alone. */
function isOfTeams(before: LoadedConfig, next: LoadedConfig): boolean {
  return before.own === next.own && before.shadow?.own === next.shadow?.own;
}

function* withRulesOf(loaded: LoadedConfig, previous: Generation, now: number): Steps<Generation> {
  const { config, shadow } = loaded;
  function* change<One extends Parts>(parts: One, changed: Config): Steps<One> {
    return { ...parts, policy: yield* withTeams(parts.policy, changed, parts.knownRules) };
  }
  return {
    ...(yield* change(previous, config)),
    ...{ loaded, loadedAt: now },
    shadow: previous.shadow && shadow && (yield* change(previous.shadow, shadow.config)),
  };
}

interface PartsContext extends GenerationContext, Pick<IssuerContext, 'askFirst'> {
  /** Absent: no tokens are minted. */
  readonly signing?: ConfiguredSigningKeys | undefined;
}

function* makeParts(
  { config, files, resolve }: LoadedConfig,
  {
    clock,
    bulkheads,
    usedProofs,
    revocations,
    requestsOf,
    askFirst,
    report,
    signing,
    nonceKey,
  }: PartsContext,
  previous: (Pick<Parts, 'issuers' | 'bundles'> & Partial<Pick<Parts, 'policy'>>) | undefined,
  adapt = (issuer: Issuer) => issuer,
): Steps<Parts> {
  const common = { files, resolve, clock };
  const issuers = createIssuers(
    config,
    {
      ...common,
      bulkheads,
      requestsOf,
      askFirst,
      report: (issuer, failure) => report('keys', issuer, failure),
    },
    previous?.issuers,
  );
  const bundles = createBundles(
    config.peers.trustDomains,
    { ...common, report: (trustDomain, failure) => report('bundle', trustDomain, failure) },
    previous?.bundles,
  );
  const knownRules: KnownTeamRules = new WeakMap();
  const before = previous?.policy?.proofs.dpop.nonces;
  const nonces = noncesOf(config, { files, now: clock(), nonceKey }, before);
  const made = yield* makePolicy(
    config,
    issuers.map(({ issuer }) => adapt(issuer)),
    (token) => hash('sha256', token, 'base64url'),
    bundles,
    usedProofs,
    { known: knownRules, signing, nonces },
  );
  const policy: Policy = { ...made, revocations: revocations?.knownTo(config) };
  return { policy, knownRules, issuers, bundles };
}

/**
 * Uses the sources of the running configuration that are equal. Its own ones take none of its places, and it
 * marks no proof as used, because the running configuration has judged the same request.
 */
function* makeShadowParts(
  { config, shadow }: LoadedConfig,
  context: PartsContext,
  main: Parts,
  previous: RunningShadow | undefined,
): Steps<RunningShadow | undefined> {
  if (!shadow || !config.shadow) return undefined;
  const own: PartsContext = {
    ...context,
    bulkheads: new Bulkheads(() => 1),
    usedProofs: noneUsed,
    requestsOf: undefined,
    report: (what, of, failure) => context.report(what, `${of} of the shadow`, failure),
  };
  const known = {
    // A nonce of the running configuration must not be one more difference.
    policy: main.policy,
    issuers: [...main.issuers, ...(previous?.issuers ?? [])],
    bundles: new Map([...(previous?.bundles ?? []), ...main.bundles]),
  };
  return { ...(yield* makeParts(shadow, own, known, silentIssuer)), share: config.shadow.share };
}

function sourcesOf({ issuers, bundles }: Parts): readonly Source[] {
  return [...issuers.map(({ source }) => source), ...bundles.values()];
}
