import { defaultHeader } from '../config/cross-check-internal-token.ts';
import type { InternalTokenConfig } from '../config/internal-token-schema.ts';
import type { Config } from '../config/schema.ts';
import { createMint, type Mint } from '../core/internal-token/mint.ts';
import type { InternalTokenPolicy } from '../core/internal-token/policy.ts';
import type { SigningKeys } from '../core/internal-token/signing-key.ts';
import { createTransactions, transactionHeader } from '../core/internal-token/transaction.ts';
import type { RouteReading } from '../core/policy/routes.ts';
import type { PublishedKeys } from '../http/keys-door.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import { SigningKeyFiles } from '../sources/signing-key-files.ts';
import type { SourceContext } from './issuer-authority.ts';

/** Signing keys with the fingerprint of their settings, see `takeFingerprint`. */
export type ConfiguredSigningKeys = SigningKeyFiles & { readonly fingerprint: string };

/** Of the memory for tokens of issuers, for each of the two caches. */
const share = 0.25;

/** What a verifier may still hold against the clock of its own, in milliseconds. */
const margin = 60_000;

/**
 * Creates the keys of `identity.token`. Undefined if no tokens are minted.
 * @param previous those of the configuration before; kept if their settings are the same
 */
export function createSigningKeys(
  token: InternalTokenConfig | undefined,
  { files, resolve, clock, report }: SourceContext,
  previous: ConfiguredSigningKeys | undefined,
): ConfiguredSigningKeys | undefined {
  if (!token) return undefined;
  const { keyFiles, signAfter, lifetime } = token;
  const fingerprint = takeFingerprint({ keyFiles, signAfter, lifetime }, ['identity', 'token'], files);
  if (previous?.fingerprint === fingerprint) return previous;
  const keys = new SigningKeyFiles({
    files: keyFiles.map((name) => ({ name, path: resolve(name), text: files.get(name) ?? '' })),
    keepAfter: lifetime + margin,
    ...{ clock, signAfter, report, previous },
  });
  return Object.assign(keys, { fingerprint });
}

/**
 * How the tokens of a configuration are made. Without keys none is, as in a trial; what a client sends in their
 * header is removed all the same.
 */
export function createInternalToken(
  { identity: { token }, limits, peers }: Pick<Config, 'identity' | 'limits' | 'peers'>,
  reading: RouteReading,
  keys: SigningKeys | undefined,
  digest: Mint['digest'],
): InternalTokenPolicy | undefined {
  if (!token) return undefined;
  const { format, issuer, lifetime, trustDomain, audiences } = token;
  const isPlain = format === 'jwt';
  const reuse = token.reuse ?? (isPlain ? lifetime / 2 : 0);
  const settings = { format, issuer, lifetime, trustDomain, reuse };
  return {
    header: headerOf(token),
    settings,
    mint: keys && createMint(settings, keys, digest, share * limits.tokenMemory),
    transactions:
      isPlain || !keys || trustDomain === undefined
        ? undefined
        : createTransactions({ issuer, trustDomain, keys, digest }, share * limits.tokenMemory),
    audiences: new Map(Object.entries(audiences)),
    stated: new Set(),
    // A Transaction Token names the workload that asked for it, which may be a gateway.
    reading: { ...reading, gateways: isPlain ? peers.gateways : [] },
  };
}

/** The header that carries the token. */
export function headerOf({ format, header }: InternalTokenConfig): string {
  return format === 'jwt' ? (header ?? defaultHeader) : transactionHeader;
}

/** What verifiers get. They may keep it for a third of the time before a new key signs. */
export function publishedKeys(
  { identity: { token } }: Pick<Config, 'identity'>,
  keys: SigningKeys | undefined,
): PublishedKeys | undefined {
  if (!token || !keys) return undefined;
  return {
    keys: keys.published().map(({ published }) => published),
    maxAge: Math.floor(token.signAfter / 3_000),
  };
}
