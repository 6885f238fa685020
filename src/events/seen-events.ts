import { createHash } from 'node:crypto';
import { Cache } from '../lib/cache.ts';
import { weightOfEntry } from '../lib/weight.ts';
import type { RevocationRedis } from '../sources/revocation/shared-revocations.ts';

/** Remembers the security event tokens that were acted on. */
export interface SeenEvents {
  has(id: string): Promise<boolean>;
  /** @param life milliseconds until it need not be remembered, because it is too old by itself */
  add(id: string, life: number): Promise<void>;
}

/** A digest, because the parts are as long as the transmitter likes. */
export function idOfEvent(iss: string, jti: string): string {
  return createHash('sha256')
    .update(JSON.stringify([iss, jti]))
    .digest('base64url');
}

const patience = 1_000;

/** For several replicas. */
export function seenInStore(redis: RevocationRedis): SeenEvents {
  const keyOf = (id: string) => `${redis.prefix}event:${id}`;
  return {
    has: async (id) => (await redis.send(keyOf(id), ['EXISTS', keyOf(id)], patience)) === 1,
    async add(id, life) {
      await redis.send(keyOf(id), ['SET', keyOf(id), '1', 'PX', String(Math.ceil(life))], patience);
    },
  };
}

/** Bytes: about 20,000 tokens. The oldest is forgotten first. A token that is acted on twice revokes the same. */
const memory = 8_388_608;

/** For one process. */
export function seenHere(): SeenEvents {
  const seen = new Cache<true>(memory, weightOfEntry);
  return {
    has: async (id) => seen.get(id) !== undefined,
    async add(id) {
      seen.set(id, true);
    },
  };
}
