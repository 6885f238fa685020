import type { Config } from '../config/schema.ts';
import { createKeyCache } from '../core/binding/proof-key.ts';
import type { WitSettings } from '../core/binding/wit-settings.ts';
import type { Digest } from '../core/token/verify-token.ts';

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
    keys: createKeyCache(),
  };
}
