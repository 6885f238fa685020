import { expectedIss, findCluster } from '../config/cluster.ts';
import { type IssuerConfig, tokenProfile } from '../config/issuer-schema.ts';
import type { Config } from '../config/schema.ts';
import type { Issuer } from '../core/token/issuers.ts';
import type { IssuerState } from '../operate/states.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import { createAuthority, type IssuerContext, type RunningAuthority } from './issuer-authority.ts';
import { createKeys, type RunningKeys } from './key-source.ts';

/** An issuer, and what keeps its keys fresh. */
export interface RunningIssuer {
  readonly issuer: Issuer;
  readonly source: IssuerSource;
  state(): IssuerState;
}

/** Fetches keys and asks for an issuer. A later configuration that does not change it keeps it. */
export interface IssuerSource {
  readonly fingerprint: string;
  /** When it was created, in milliseconds since the epoch. */
  readonly since: number;
  readonly keys: RunningKeys | undefined;
  readonly authority: RunningAuthority | undefined;
  /** Resolves after the first attempt to get its keys and, if `askFirst` is set, an answer. */
  start(): Promise<void>;
  stop(): void;
}

/**
 * Creates the issuers of a checked configuration.
 * @param previous the issuers of the previous configuration; unchanged sources are kept
 */
export function createIssuers(
  { issuers, peers }: Config,
  context: IssuerContext,
  previous: readonly RunningIssuer[] = [],
): RunningIssuer[] {
  const trustDomain = onlyTrustDomain({ peers });
  return Object.entries(issuers).map(([name, issuer]) => {
    const before = previous.find((running) => running.issuer.name === name)?.source;
    return createIssuer(name, { trustDomain, ...issuer }, context, before);
  });
}

/** An issuer without a trust domain belongs to the only one. Undefined if there are several. */
export function onlyTrustDomain({ peers }: Pick<Config, 'peers'>): string | undefined {
  const [only, ...more] = Object.keys(peers.trustDomains ?? {});
  return more.length === 0 ? only : undefined;
}

/** An issuer as the core sees it. `iss` is the one that its tokens must have. */
export function issuerOf(
  name: string,
  config: IssuerConfig,
  iss: string | undefined,
  proofs: Pick<Issuer, 'keys' | 'authority'>,
): Issuer {
  return {
    ...{ name, iss, ...proofs },
    audiences: config.audiences,
    profile: tokenProfile(config),
    algorithms: new Set(config.algorithms),
    clockSkew: config.clockSkew,
    trustDomain: config.trustDomain,
    singleUse: config.singleUse,
    allowInsecureNoExpiry: config.allowInsecureNoExpiry,
    allowInsecureNoAudience: config.allowInsecureNoAudience,
  };
}

function createIssuer(
  name: string,
  config: IssuerConfig,
  context: IssuerContext,
  before: IssuerSource | undefined,
): RunningIssuer {
  const source = createSource(name, config, context, before);
  const { keys, authority } = source;
  const iss = expectedIss(config, context.files);
  return {
    source,
    issuer: issuerOf(name, config, iss, {
      keys: keys?.source,
      authority: authority?.authority,
    }),
    state() {
      const known = keys?.state();
      const asked = authority?.state();
      const failed = [known?.failingSince, asked?.failingSince].filter((since) => since !== undefined);
      return {
        issuer: name,
        iss: iss ?? '',
        knownFor: (context.clock() - source.since) / 1000,
        keys: keys !== undefined,
        keyAge: known?.fetchedAt === undefined ? undefined : (context.clock() - known.fetchedAt) / 1000,
        answered: hasAnswered(source),
        maxKeyAge: known?.keep === undefined ? undefined : known.keep / 1000,
        fetches: known?.fetches ?? 0,
        failures: known?.failures ?? 0,
        asked,
        bulkhead: context.bulkheads.of(name).state(),
        reason: known?.failure ? 'keys_unavailable' : (asked?.reason ?? ''),
        failure: known?.failure ?? asked?.failure,
        failingSince: failed.length > 0 ? Math.min(...failed) : undefined,
      };
    },
  };
}

/** Undefined if the keys are here, or not needed, and nobody has asked about a token yet. */
function hasAnswered({ keys, authority }: IssuerSource): boolean | undefined {
  if (keys && keys.state().fetchedAt === undefined) return false;
  const asked = authority?.state();
  if (asked && !asked.answered) return authority?.first || asked.asked > 0 ? false : undefined;
  return true;
}

function createSource(
  name: string,
  config: IssuerConfig,
  context: IssuerContext,
  before: IssuerSource | undefined,
): IssuerSource {
  // These settings are applied to a token later. They can change without fetching the keys again.
  const { clockSkew: _1, allowInsecureNoAudience: _2, allowInsecureNoExpiry: _3, ...others } = config;
  const { singleUse: _4, audiences, ...own } = others;
  const asked = config.kubernetes ? { ...findCluster(config), audiences } : undefined;
  const parts = [own, { kubernetes: asked }];
  const fingerprint = parts.map((part) => takeFingerprint(part, ['issuers', name], context.files)).join('\n');
  if (before?.fingerprint === fingerprint) return before;
  const authority = createAuthority(name, config, context);
  const asksOnly = config.introspection !== undefined || config.kubernetes?.verify === 'tokenReview';
  const keys = asksOnly ? undefined : createKeys(name, config, context);
  return {
    fingerprint,
    since: context.clock(),
    keys,
    authority,
    async start() {
      await Promise.all([keys?.start(), authority?.first?.start()]);
    },
    stop() {
      keys?.stop();
      authority?.stop();
    },
  };
}
