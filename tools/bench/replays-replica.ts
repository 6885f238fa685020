import { hash, randomUUID } from 'node:crypto';
import { UsedMemory } from '../../src/core/used/used-memory.ts';
import type { UsedProofs } from '../../src/core/used/used-proofs.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { openRedis } from '../../src/sources/redis/open-redis.ts';
import { createSharedStore } from '../../src/sources/redis/shared-store.ts';
import { UsedInStore } from '../../src/sources/redis/used-in-store.ts';

/** What a process of `replays.ts` shall do: use all proofs, with so many at the same time. */
export interface ReplicaTask {
  /** Undefined: with the memory of this process. */
  readonly redisPort: number | undefined;
  readonly proofs: number;
  readonly inFlight: number;
  readonly until: number;
}

export interface ReplicaReport {
  /** One bit for each proof, in base64. */
  readonly accepted: string;
  readonly failed: number;
  /** Milliseconds of each use, as 32-bit floats in base64. */
  readonly times: string;
  /** Bytes of heap that remained. */
  readonly heap: number;
}

process.once('message', async (task: ReplicaTask) => {
  const used = task.redisPort === undefined ? new UsedMemory(() => 1e12) : await connect(task.redisPort);
  process.send?.(await useAll(used, task));
});

async function connect(port: number): Promise<UsedProofs> {
  const store = createSharedStore({
    ...{ prefix: 'bench:', clock: Date.now, report: () => undefined, onEvicts: () => undefined },
    load: async () => openRedis,
    access: async () => ({ address: { host: '127.0.0.1', port }, database: 0 }),
  });
  await store.start();
  return new UsedInStore({
    ...{ store, clock: Date.now, timeout: 5_000, name: `${randomUUID()}.`, ended: () => undefined },
    bulkhead: new Bulkheads(() => 10_000).of('the store'),
  });
}

async function useAll(used: UsedProofs, { proofs, inFlight, until }: ReplicaTask): Promise<ReplicaReport> {
  const accepted = Buffer.alloc(Math.ceil(proofs / 8));
  const times = new Float32Array(proofs);
  const heapBefore = heapUsed();
  let failed = 0;
  let next = 0;
  const slot = async () => {
    while (next < proofs) {
      const number = next++;
      const id = hash('sha256', `proof ${number}`, 'base64url');
      const owner = hash('sha256', `owner ${number % 1_000}`, 'base64url');
      const now = Date.now();
      const began = performance.now();
      try {
        const isFirst = await used.use({ id, until }, owner, { now, deadline: now + 10_000 });
        if (isFirst) accepted[number >> 3]! |= 1 << (number & 7);
      } catch {
        failed++;
      }
      times[number] = performance.now() - began;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, slot));
  const heap = heapUsed() - heapBefore;
  return {
    accepted: accepted.toString('base64'),
    failed,
    times: Buffer.from(times.buffer).toString('base64'),
    heap,
  };
}

function heapUsed(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
