import type { Config } from '../config/schema.ts';
import type { ProofSettings } from '../core/binding/settings.ts';
import type { VerificationKey } from '../core/token/keys.ts';
import { Cache } from '../lib/cache.ts';

/** Bytes for the keys of senders, and of one of them. To make a key again takes half as long as to use it. */
const keyMemory = 8_388_608;
const bytesOfKey = 2_560;

/** What the proofs of a configuration need. */
export function createProofSettings({ wit }: Pick<Config, 'wit'>): ProofSettings {
  return {
    wit: {
      drafts: wit.drafts,
      origins: new Map(Object.entries(wit.origins)),
      audiences: new Set(wit.audiences),
      maxLifetime: wit.lifetime,
      clockSkew: wit.clockSkew,
      keys: new Cache<VerificationKey>(keyMemory, () => bytesOfKey),
    },
  };
}
