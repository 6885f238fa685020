import type { LoadedConfig } from '../config/load.ts';
import { readAccess } from '../sources/redis/read-access.ts';
import { createSharedStore } from '../sources/redis/shared-store.ts';
import { openRevocationFile } from '../sources/revocation/revocation-file.ts';
import type { RevocationStore } from '../sources/revocation/revocation-store.ts';
import { shareRevocations } from '../sources/revocation/shared-revocations.ts';

/** A store that is open. `close` lets go of its connection. */
export interface OpenRevocations {
  readonly store: RevocationStore;
  close(): void;
}

/**
 * Opens the place where a configuration keeps revocations, for a program that does not serve. Undefined if
 * the configuration has none.
 */
export async function openRevocations(
  { config, resolve }: LoadedConfig,
  clock: () => number,
): Promise<OpenRevocations | undefined> {
  const { revocation, store: settings } = config;
  if (!revocation) return undefined;
  const memory = () => revocation.memory;
  if (revocation.file !== undefined)
    return { store: openRevocationFile(resolve(revocation.file), clock, { memory }), close: () => undefined };
  if (!settings) return undefined;
  const shared = createSharedStore({
    ...{ prefix: settings.redis.prefix, clock },
    load: async () => (await import('../sources/redis/open-redis.ts')).openRedis,
    access: async () => readAccess(settings.redis, resolve),
    report: () => undefined,
    onEvicts: () => undefined,
  });
  await shared.start();
  return { store: shareRevocations(shared, memory), close: () => shared.stop() };
}
