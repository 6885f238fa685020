import type { IssuerConfig } from '../config/schema.ts';
import { Malformed } from '../malformed.ts';
import type { IssuerState } from '../operate/metrics.ts';
import { type KeySource, parseJwks, parsePemKey, type VerificationKey } from '../token/keys.ts';
import type { Issuer } from '../token/verify-token.ts';
import { discoverJwksUri } from './discovery.ts';
import { FixedKeys } from './fixed-keys.ts';
import { getJson } from './http-get.ts';
import { mayLeadTo } from './https-only.ts';
import { RemoteKeys } from './remote-keys.ts';

/** A JWK Set or metadata document beyond this is refused. Real ones have a few KB. */
const maxBytes = 524_288;

/** An issuer with whatever keeps its keys fresh. */
export interface RunningIssuer {
  readonly issuer: Issuer;
  /** Resolves when its keys were tried once. */
  start(): Promise<void>;
  stop(): void;
  state(): IssuerState & { readonly failure: string | undefined };
}

export interface IssuerContext {
  readonly files: ReadonlyMap<string, string>;
  readonly clock: () => number;
  readonly report: (issuer: string, failure: string | undefined) => void;
}

/** Makes an issuer of its configuration, which was checked when it was loaded. */
export function createIssuer(name: string, config: IssuerConfig, context: IssuerContext): RunningIssuer {
  const { clock } = context;
  const fixed = fixedKeys(config, context.files);
  const issuer = (keys: KeySource): Issuer => ({
    name,
    iss: config.issuer,
    audiences: config.audiences,
    profile: config.accept,
    algorithms: new Set(config.algorithms),
    clockSkew: config.clockSkew,
    keys,
  });
  if (fixed instanceof Malformed) throw new TypeError(fixed.why);
  if (fixed) {
    const readAt = clock();
    return {
      issuer: issuer(new FixedKeys(fixed, readAt)),
      start: async () => undefined,
      stop: () => undefined,
      state: () => ({
        issuer: name,
        keyAge: (clock() - readAt) / 1000,
        fetches: 0,
        failures: 0,
        failure: undefined,
      }),
    };
  }
  const keys = new RemoteKeys({
    issuer: name,
    fetch: () => fetchKeys(config, context.files),
    clock,
    refresh: config.refresh,
    keep: config.keep,
    coolDown: config.coolDown,
    report: (failure) => context.report(name, failure),
  });
  return {
    issuer: issuer(keys),
    start: () => keys.start(),
    stop: () => keys.stop(),
    state: () => ({
      issuer: name,
      keyAge: keys.fetchedAt === undefined ? undefined : (clock() - keys.fetchedAt) / 1000,
      fetches: keys.fetches,
      failures: keys.failures,
      failure: keys.failure,
    }),
  };
}

/** Keys that the configuration itself holds or names; undefined where they are fetched. */
export function fixedKeys(
  config: IssuerConfig,
  files: ReadonlyMap<string, string>,
): readonly VerificationKey[] | undefined | Malformed {
  if (config.keys !== undefined) {
    const key = parsePemKey(files.get(config.keys) ?? '');
    return key instanceof Malformed ? key : [key];
  }
  if (config.jwks === undefined) return undefined;
  const document = typeof config.jwks === 'string' ? parseJson(files.get(config.jwks) ?? '') : config.jwks;
  const keys = parseJwks(document);
  return !(keys instanceof Malformed) && keys.length === 0
    ? new Malformed('no key in it can verify signatures')
    : keys;
}

async function fetchKeys(
  config: IssuerConfig,
  files: ReadonlyMap<string, string>,
): Promise<readonly VerificationKey[]> {
  const { timeout, ca, allowInsecureHttp } = config;
  const options = { timeout, maxBytes, ca: ca === undefined ? undefined : files.get(ca) };
  const url = config.jwksUri
    ? new URL(config.jwksUri)
    : await discoverJwksUri(
        config.issuer,
        (found) => mayLeadTo(new URL(config.issuer), found, allowInsecureHttp),
        options,
      );
  const keys = parseJwks(await getJson(url, options));
  if (keys instanceof Malformed) throw new Error(`${url.href}: ${keys.why}`);
  return keys;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
