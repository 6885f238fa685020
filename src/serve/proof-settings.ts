import { randomBytes } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import { parseNonceKeys, renewNonceKeys } from '../core/binding/nonce-keys.ts';
import { createNonces, type Nonces } from '../core/binding/nonces.ts';
import { createKeyCache } from '../core/binding/proof-key.ts';
import type { ProofSettings } from '../core/binding/settings.ts';
import type { Digest } from '../core/token/verify-token.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Files } from '../sources/fingerprint.ts';
import { createWitSettings } from './wit-settings.ts';

/** What the proofs of a configuration need. @param nonces without them no proof needs a nonce */
export function createProofSettings(
  { dpop, wit }: Pick<Config, 'dpop' | 'wit'>,
  digest: Digest,
  nonces: Nonces | undefined,
): ProofSettings {
  return {
    dpop: {
      algorithms: new Set(dpop.algorithms),
      origins: new Map(Object.entries(dpop.origins)),
      maxAge: dpop.maxAge,
      clockSkew: dpop.clockSkew,
      nonces,
      digest,
      keys: createKeyCache(),
    },
    wit: createWitSettings(wit, digest),
  };
}

/** Made once, so that a reload of the configuration changes no nonce. Workers get that of the primary. */
export const ownNonceKey = randomBytes(32).toString('base64');

/**
 * The nonces of a configuration. Undefined if it asks for none.
 * @param before those of the configuration before, which are accepted as long as they would have been
 */
export function noncesOf(
  { dpop: { nonce } }: Pick<Config, 'dpop'>,
  { files, now, nonceKey = ownNonceKey }: NonceContext,
  before: Nonces | undefined,
): Nonces | undefined {
  if (!nonce) return undefined;
  const { keyFile, lifetime } = nonce;
  const texts = keyFile === undefined ? [nonceKey] : parseNonceKeys(files.get(keyFile) ?? '');
  // It was checked when the configuration was loaded.
  if (texts instanceof Malformed) throw new TypeError(texts.why);
  return createNonces(renewNonceKeys(texts, before?.keys ?? [], { now, lifetime }), lifetime);
}

export interface NonceContext {
  readonly files: Files;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The key of all processes of this replica, if there is no file. Default: one of this process. */
  readonly nonceKey?: string | undefined;
}
