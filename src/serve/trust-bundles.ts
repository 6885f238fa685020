import type { Config } from '../config/schema.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import { getJson } from '../sources/http-client.ts';
import { EndpointBundle } from '../sources/trust-bundle-endpoint.ts';
import { FileBundle } from '../sources/trust-bundle-file.ts';
import type { RunningBundle } from '../sources/trust-bundle-state.ts';
import type { SourceContext } from './issuer-authority.ts';

/** The limit for a SPIFFE bundle. A real one has a few KB. */
const maxBytes = 524_288;

type TrustDomains = Config['peers']['trustDomains'];
/** The file of a bundle, an endpoint, or neither. */
type BundleConfig = NonNullable<NonNullable<TrustDomains>[string]>;

/** A bundle with the fingerprint of its settings, see `takeFingerprint`. */
export type ConfiguredBundle = RunningBundle & { readonly fingerprint: string };

/**
 * Creates the configured bundles, by trust domain. The configuration has already checked that an endpoint is
 * https. Redirects are not followed.
 * @param previous the bundles of the previous configuration; unchanged ones are kept
 */
export function createBundles(
  trustDomains: TrustDomains,
  context: SourceContext,
  previous: ReadonlyMap<string, ConfiguredBundle> = new Map(),
): ReadonlyMap<string, ConfiguredBundle> {
  const bundles = new Map<string, ConfiguredBundle>();
  for (const [trustDomain, config] of Object.entries(trustDomains ?? {})) {
    if (!config) continue;
    // Of a file nothing else counts: as long as it is named, its source keeps what it has read.
    const used = config.bundle === undefined ? config : { bundle: config.bundle };
    const fingerprint = takeFingerprint(used, ['peers', 'trustDomains', trustDomain], context.files);
    const before = previous.get(trustDomain);
    const bundle = before?.fingerprint === fingerprint ? before : createBundle(trustDomain, config, context);
    if (bundle) bundles.set(trustDomain, Object.assign(bundle, { fingerprint }));
  }
  return bundles;
}

function createBundle(
  trustDomain: string,
  { bundle, bundleEndpoint, ca, timeout, keep }: BundleConfig,
  { files, resolve, clock, report }: SourceContext,
): RunningBundle | undefined {
  const common = { trustDomain, clock, report: (failure?: string) => report(trustDomain, failure) };
  if (bundle !== undefined)
    return new FileBundle({ ...common, path: resolve(bundle), text: files.get(bundle) });
  if (bundleEndpoint === undefined) return undefined;
  const url = new URL(bundleEndpoint);
  const options = { ca: ca === undefined ? undefined : files.get(ca), timeout, maxBytes };
  return new EndpointBundle({ ...common, keep, fetch: () => getJson(url, options) });
}
