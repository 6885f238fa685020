import type { Config } from '../config/schema.ts';
import type { WitSettings } from '../core/binding/wit-settings.ts';
import type { VerificationKey } from '../core/token/keys.ts';
import type { Digest } from '../core/token/verify-token.ts';
import { Cache } from '../lib/cache.ts';

/** Bytes for the keys of senders, and of one of them. To make a key again takes half as long as to use it. */
const keyMemory = 8_388_608;
const bytesOfKey = 2_560;

/** What the proofs of workload identity tokens need. */
export function createWitSettings(
  { drafts, origins, audiences, lifetime, clockSkew }: Config['wit'],
  digest: Digest,
): WitSettings {
  return {
    drafts,
    origins: new Map(Object.entries(origins)),
    audiences: new Set(audiences),
    maxLifetime: lifetime,
    clockSkew,
    digest,
    keys: new Cache<VerificationKey>(keyMemory, () => bytesOfKey),
  };
}
