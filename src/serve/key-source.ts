import { asksIssuer, expectedIss } from '../config/cluster.ts';
import { acceptedUses, keysInFile, usableKeys } from '../config/issuer-keys.ts';
import { type IssuerConfig, tokenProfile } from '../config/issuer-schema.ts';
import { parseSpiffeBundle } from '../core/peer/bundle-document.ts';
import { type KeySource, parseJwks, type VerificationKey } from '../core/token/keys.ts';
import { wit } from '../core/token/wit-carriers.ts';
import { Malformed } from '../lib/malformed.ts';
import { ApiServer } from '../sources/api-server.ts';
import { discoverJwksUri } from '../sources/discovery.ts';
import { getJson } from '../sources/http-client.ts';
import { mayLeadTo } from '../sources/https-only.ts';
import { FileKeys, FixedKeys } from '../sources/local-keys.ts';
import { RemoteKeys } from '../sources/remote-keys.ts';
import { counted } from './counted-request.ts';
import { createApiServer, type IssuerContext, ownToken } from './issuer-authority.ts';

/** The limit for a JWK Set or a metadata document. Real ones have a few KB. */
const maxBytes = 524_288;

/** The keys of an issuer, and what keeps them fresh. */
export interface RunningKeys {
  readonly source: KeySource;
  /** Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): void;
  state(): {
    readonly fetchedAt: number | undefined;
    /** Milliseconds. Older keys are not used. Undefined if keys are not fetched. */
    readonly keep?: number | undefined;
    readonly fetches: number;
    readonly failures: number;
    readonly failure: string | undefined;
    readonly failingSince?: number | undefined;
  };
}

/** The keys of an issuer: from the configuration, from a file that it names, or from the issuer. */
export function createKeys(name: string, config: IssuerConfig, context: IssuerContext): RunningKeys {
  const { files, clock } = context;
  const report = (failure: string | undefined) => context.report(name, failure);
  const file = config.keys ?? (typeof config.jwks === 'string' ? config.jwks : undefined);
  if (file !== undefined) {
    const keys = new FileKeys({
      ...{ path: context.resolve(file), text: files.get(file) ?? '', clock, report },
      parse: (text) => keysInFile(config, text),
    });
    const watched = keys.file;
    const state = () => {
      const { readAt: fetchedAt, failure, failingSince } = watched;
      return { fetchedAt, fetches: 0, failures: 0, failure, failingSince };
    };
    return { source: keys, start: () => watched.start(), stop: () => watched.stop(), state };
  }
  if (config.jwks !== undefined) {
    const keys = usableKeys(parseJwks(config.jwks, acceptedUses(config)));
    if (keys instanceof Malformed) throw new TypeError(keys.why);
    const fetchedAt = clock();
    const state = () => ({ fetchedAt, fetches: 0, failures: 0, failure: undefined });
    const source = new FixedKeys(keys, fetchedAt);
    return { source, start: async () => undefined, stop: () => undefined, state };
  }
  const { refresh, keep, coolDown } = config;
  const fetch = counted(fetcher(config, context), context.requestsOf?.(name, 'keys'));
  const bulkhead = context.bulkheads.of(name);
  const keys = new RemoteKeys({ issuer: name, fetch, clock, bulkhead, refresh, keep, coolDown, report });
  return { source: keys, start: () => keys.start(), stop: () => keys.stop(), state: () => keys.state() };
}

/** One row a way to fetch keys. The first one that the configuration uses counts. */
function fetcher(config: IssuerConfig, context: IssuerContext): () => Promise<readonly VerificationKey[]> {
  const { timeout, allowInsecureHttp, issuer = '', jwksUri, bundleEndpoint, kubernetes } = config;
  const ca = config.ca === undefined ? undefined : context.files.get(config.ca);
  const options = { timeout, maxBytes, ca };
  const read = async (url: URL) =>
    orThrow(parseJwks(await getJson(url, options), acceptedUses(config)), url.href);
  if (jwksUri) return () => read(new URL(jwksUri));
  if (bundleEndpoint)
    return async () => {
      const document = await getJson(new URL(bundleEndpoint), options);
      const { jwtKeys, witKeys } = orThrow(parseSpiffeBundle(document), bundleEndpoint);
      const keys = tokenProfile(config) === 'wit' ? witKeys : jwtKeys;
      return orThrow(parseJwks({ keys }, ['jwt-svid', wit.keyUse]), bundleEndpoint);
    };
  if (kubernetes) {
    const { tokenFile } = kubernetes;
    const token = tokenFile === undefined ? undefined : ownToken(tokenFile, context);
    const server = asksIssuer(config)
      ? new ApiServer({ url: issuer, ca, timeout, allowInsecureHttp, token })
      : createApiServer(config, context);
    return async () => {
      const { jwks, from } = await server.keys(expectedIss(config, context.files));
      return orThrow(parseJwks(jwks), from);
    };
  }
  const allowed = (found: URL) => mayLeadTo(new URL(issuer), found, allowInsecureHttp);
  return async () => read(await discoverJwksUri(issuer, allowed, options));
}

function orThrow<T>(value: T | Malformed, where: string): T {
  if (value instanceof Malformed) throw new Error(`${where}: ${value.why}`);
  return value;
}
