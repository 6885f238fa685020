import { fingerprintOf } from '../sources/fingerprint.ts';
import { getJson } from '../sources/http-client.ts';
import { EndpointBundle } from '../sources/trust-bundle-endpoint.ts';
import { FileBundle } from '../sources/trust-bundle-file.ts';
import type { RunningBundle } from '../sources/trust-bundle-state.ts';

/** The limit for a SPIFFE bundle. A real one has a few KB. */
const maxBytes = 524_288;

/** The settings of a trust domain: the file of a bundle, an endpoint, or neither. */
export interface BundleConfig {
  /** A file of PEM, or of a SPIFFE bundle in JSON. */
  readonly bundle?: string | undefined;
  /** The URL of a SPIFFE bundle endpoint with the profile https_web. */
  readonly bundleEndpoint?: string | undefined;
  /** A PEM file with the authorities that are trusted for the endpoint, instead of the system's. */
  readonly ca?: string | undefined;
  /** Milliseconds for one answer of the endpoint. */
  readonly timeout: number;
  /** Milliseconds that its bundle is used while it does not answer. */
  readonly keep: number;
}

export interface BundleContext {
  readonly files: ReadonlyMap<string, string>;
  readonly resolve: (path: string) => string;
  readonly clock: () => number;
  /** Called after each attempt, for the log. */
  readonly report: (trustDomain: string, failure: string | undefined) => void;
}

/** A bundle with the fingerprint of its settings, see `fingerprintOf`. */
export type ConfiguredBundle = RunningBundle & { readonly fingerprint: string };

/**
 * Creates the configured bundles, by trust domain. The configuration has already checked that an endpoint is
 * https. Redirects are not followed.
 * @param previous the bundles of the previous configuration; unchanged ones are kept
 */
export function createBundles(
  trustDomains: Readonly<Record<string, BundleConfig | null>> | undefined,
  context: BundleContext,
  previous: ReadonlyMap<string, ConfiguredBundle> = new Map(),
): ReadonlyMap<string, ConfiguredBundle> {
  const bundles = new Map<string, ConfiguredBundle>();
  for (const [trustDomain, config] of Object.entries(trustDomains ?? {})) {
    if (!config) continue;
    const fingerprint = fingerprintOf(config, context.files);
    const before = previous.get(trustDomain);
    const bundle = before?.fingerprint === fingerprint ? before : createBundle(trustDomain, config, context);
    if (bundle) bundles.set(trustDomain, Object.assign(bundle, { fingerprint }));
  }
  return bundles;
}

function createBundle(
  trustDomain: string,
  { bundle, bundleEndpoint, ca, timeout, keep }: BundleConfig,
  { files, resolve, clock, report }: BundleContext,
): RunningBundle | undefined {
  const common = {
    trustDomain,
    clock,
    report: (failure: string | undefined) => report(trustDomain, failure),
  };
  if (bundle !== undefined)
    return new FileBundle({ ...common, path: resolve(bundle), text: files.get(bundle) });
  if (bundleEndpoint === undefined) return undefined;
  const url = new URL(bundleEndpoint);
  const options = { ca: ca === undefined ? undefined : files.get(ca), timeout, maxBytes };
  return new EndpointBundle({ ...common, keep, fetch: () => getJson(url, options) });
}
