import { hash } from 'node:crypto';
import type { LoadedConfig } from '../config/load.ts';
import type { Policy } from '../core/authorize.ts';
import type { Bulkheads } from '../sources/bulkhead.ts';
import { createPolicy } from './create-policy.ts';
import { createIssuers, type RunningIssuer } from './running-issuers.ts';
import { type ConfiguredBundle, createBundles } from './trust-bundles.ts';

/** A configuration in use. It is replaced as a whole, so a check never sees two of them. */
export interface Generation {
  readonly loaded: LoadedConfig;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
  readonly policy: Policy;
  readonly issuers: readonly RunningIssuer[];
  readonly bundles: ReadonlyMap<string, ConfiguredBundle>;
  /** Fetches, asks and watches for this configuration. */
  readonly sources: ReadonlySet<Source>;
}

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
  /** Called after each attempt to get the keys of an issuer or the bundle of a trust domain. */
  readonly report: (what: 'keys' | 'bundle', of: string, failure: string | undefined) => void;
}

/**
 * Creates the parts of a configuration, with empty caches. Sources of the previous one that did not change
 * are kept, with their keys. Nothing is fetched yet.
 */
export function createGeneration(
  loaded: LoadedConfig,
  { clock, bulkheads, report }: GenerationContext,
  previous?: Generation,
): Generation {
  const { config, files, resolve } = loaded;
  const common = { files, resolve, clock };
  const issuers = createIssuers(
    config,
    { ...common, bulkheads, report: (issuer, failure) => report('keys', issuer, failure) },
    previous?.issuers,
  );
  const bundles = createBundles(
    config.peers.trustDomains,
    { ...common, report: (trustDomain, failure) => report('bundle', trustDomain, failure) },
    previous?.bundles,
  );
  const policy = createPolicy(
    config,
    issuers.map(({ issuer }) => issuer),
    (token) => hash('sha256', token, 'base64url'),
    bundles,
  );
  const sources = new Set<Source>([...issuers.map(({ source }) => source), ...bundles.values()]);
  return { loaded, loadedAt: clock(), policy, issuers, bundles, sources };
}
