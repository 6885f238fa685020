import { randomUUID } from 'node:crypto';
import { UsedMemory } from '../../../src/core/used/used-memory.ts';
import type { UsedProofs } from '../../../src/core/used/used-proofs.ts';
import { Bulkheads } from '../../../src/sources/bulkhead.ts';
import { openRedis } from '../../../src/sources/redis/open-redis.ts';
import { type RedisSettings, readAccess } from '../../../src/sources/redis/read-access.ts';
import {
  createSharedStore,
  type SharedStore,
  type SharedStoreOptions,
} from '../../../src/sources/redis/shared-store.ts';
import { UsedInStore } from '../../../src/sources/redis/used-in-store.ts';

/** One replica: its connection to a store, and what it asks there. */
export interface Replica {
  readonly store: SharedStore;
  readonly used: UsedProofs;
  /** What was reported: the failure, or undefined when the store answers. */
  readonly reports: readonly (string | undefined)[];
  readonly evicts: readonly string[];
  /** Uses a proof that is good for a minute. */
  use(id: string, patience?: number): Promise<boolean>;
}

export interface ReplicaOptions extends Partial<Pick<SharedStoreOptions, 'prefix'>> {
  readonly timeout?: number;
  readonly allowReplays?: boolean;
}

/** Starts a replica with the parts of the service. Resolves after its first attempt. */
export async function startReplica(
  settings: Partial<RedisSettings>,
  { prefix = 'test:', timeout = 1_000, allowReplays = false }: ReplicaOptions = {},
): Promise<Replica> {
  const reports: (string | undefined)[] = [];
  const evicts: string[] = [];
  const store = createSharedStore({
    ...{ prefix, clock: Date.now },
    load: async () => openRedis,
    access: async () => readAccess({ database: 0, ...settings }, (file) => file),
    report: (failure) => reports.push(failure),
    onEvicts: (policy) => evicts.push(policy),
  });
  const used = new UsedInStore({
    ...{ store, clock: Date.now, timeout, name: `${randomUUID()}.` },
    bulkhead: new Bulkheads(() => 1_000).of('the store'),
    meanwhile: allowReplays ? new UsedMemory(() => 1_000_000) : undefined,
    ended: () => undefined,
  });
  await store.start();
  return {
    ...{ store, used, reports, evicts },
    async use(id, patience = 60_000) {
      const now = Date.now();
      return used.use({ id, until: now + 60_000 }, 'owner', { now, deadline: now + patience });
    },
  };
}
