import { randomId } from '../lib/uuid.ts';
import type { RevocationRedis } from '../sources/revocation/shared-revocations.ts';

/** Milliseconds that a replica keeps its turn without polling. Then another one begins. */
const life = 5_000;
const patience = 1_000;

/**
 * Lets one of several replicas poll a transmitter. Two that poll at the same time do no harm: a token that comes twice
 * revokes the same. So this is only to spare the transmitter.
 */
export function takeTurns(redis: RevocationRedis, transmitter: string): () => Promise<boolean> {
  const key = `${redis.prefix}poll:${transmitter}`;
  const own = randomId();
  const send = (...command: string[]) => redis.send(key, command, patience);
  return async () => {
    if ((await send('SET', key, own, 'NX', 'PX', String(life))) === 'OK') return true;
    if ((await send('GET', key)) !== own) return false;
    await send('PEXPIRE', key, String(life));
    return true;
  };
}
