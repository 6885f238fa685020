import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { UsedMemory } from '../core/used/used-memory.ts';
import type { UsedProofs } from '../core/used/used-proofs.ts';
import { cut } from '../operate/json-line.ts';
import { addStoreMetrics, addUsedMetrics } from '../operate/store-metrics.ts';
import type { Bulkheads } from '../sources/bulkhead.ts';
import { readAccess } from '../sources/redis/read-access.ts';
import { createSharedStore, type SharedStore } from '../sources/redis/shared-store.ts';
import { UsedInStore } from '../sources/redis/used-in-store.ts';
import { mustRemember } from './must-remember.ts';

export interface RunningStoreOptions {
  readonly clock: () => number;
  readonly bulkheads: Bulkheads;
  readonly log: Logger;
  readonly registry: Registry;
  /** What remembers without a store. Or the most bytes of a memory in this process. */
  readonly memory: UsedProofs | (() => number);
}

/** What remembers used proofs. It belongs to the service, and outlives a configuration. */
export interface RunningStore {
  readonly usedProofs: UsedProofs;
  /** Undefined without the setting `store`: then this process remembers for itself. */
  readonly shared: SharedStore | undefined;
  /** Says once that this replica remembers alone, if a configuration has something to remember. */
  sayAlone(config: Config): void;
}

/** No issuer has a name with a space. */
const placeOfStore = 'the store';

/** Opens the store of a configuration. It is connected by `start` of the shared store. */
export function createRunningStore(
  { config: { store: settings }, resolve }: Pick<LoadedConfig, 'config' | 'resolve'>,
  { clock, bulkheads, log, registry, memory }: RunningStoreOptions,
): RunningStore {
  const alone = typeof memory === 'function' ? createMemory(memory, registry) : memory;
  let isSaid = settings !== undefined;
  if (!settings) return { usedProofs: alone, shared: undefined, sayAlone };
  const { redis, onOutage } = settings;
  const shared = createSharedStore({
    ...{ prefix: redis.prefix, clock, report },
    load: async () => (await import('../sources/redis/open-redis.ts')).openRedis,
    access: async () => readAccess(redis, resolve),
    onEvicts(policy) {
      log.error(
        { event: 'store_evicts', policy },
        'the store forgets keys when its memory is full, and a forgotten proof is accepted again: set maxmemory-policy noeviction',
      );
    },
  });
  const usedProofs = new UsedInStore({
    ...{ store: shared, clock, timeout: redis.timeout, name: `${randomBytes(6).toString('base64url')}.` },
    bulkhead: bulkheads.of(placeOfStore),
    meanwhile: onOutage === 'allowReplays' ? alone : undefined,
    ended: addStoreMetrics(registry, () => shared.state()),
  });
  return { usedProofs, shared, sayAlone };

  /** A process does not know how many replicas there are. */
  function sayAlone(config: Config): void {
    if (isSaid || !mustRemember(config)) return;
    isSaid = true;
    log.info(
      { event: 'proofs_remembered_here' },
      'used proofs are remembered by this replica alone: with a second one, a recorded proof is accepted there too, unless both have the same store',
    );
  }

  function report(failure: string | undefined): void {
    if (failure === undefined) log.info({ event: 'store_available' }, 'the store answers');
    else log.warn({ event: 'store_unavailable', failure: cut(failure) }, 'the store does not answer');
  }
}

function createMemory(capacity: () => number, registry: Registry): UsedProofs {
  const memory = new UsedMemory(capacity);
  addUsedMetrics(registry, () => memory.state());
  return memory;
}
