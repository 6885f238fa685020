import type { ExecutionContext } from 'ava';
import type { Revocation } from '../../../src/core/revocation/revocation.ts';
import { Revocations } from '../../../src/core/revocation/revocations.ts';
import type { SharedStore } from '../../../src/sources/redis/shared-store.ts';
import { followStore } from '../../../src/sources/revocation/followed-store.ts';
import { channelOf } from '../../../src/sources/revocation/scripts.ts';
import { shareRevocations } from '../../../src/sources/revocation/shared-revocations.ts';
import { programTest } from '../../support/debian-test.ts';
import {
  isMaster,
  startCluster,
  startReplica as startCopy,
  startRedis,
  startSentinel,
} from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import { startReplica } from '../redis/stores.ts';

const redisTest = await programTest('redis-server');
const limits = { memory: 1e6, maxStaleness: 10_000, onOutage: 'refuse' } as const;
const nodeOf = ({ port }: { readonly port: number }) => ({ host: '127.0.0.1', port });
const revoke = (value: string): Revocation => ({
  ...{ kind: 'jti', value, until: Date.now() + 600_000, by: 'a test' },
});

/** A process that follows a store as the service does. */
async function follow(t: ExecutionContext, redis: SharedStore) {
  const revocations = new Revocations(() => limits);
  const store = shareRevocations(redis, () => limits.memory);
  const restored: number[] = [];
  const source = followStore({
    ...{ store, revocations, clock: Date.now, report: () => undefined },
    onRestored: (count) => restored.push(count),
  });
  redis.subscribe(channelOf(redis.prefix), () => source.look());
  t.teardown(() => {
    source.stop();
    redis.stop();
  });
  await source.start();
  const learns = (count: number) => waitFor('revocations', 5_000, () => revocations.count === count);
  return { store, revocations, restored, learns };
}

redisTest('sentinel – after a failover, revocations hold that the new master has never seen', async (t) => {
  const master = await startRedis();
  t.teardown(master.stop);
  const copy = await startCopy(master);
  t.teardown(copy.stop);
  const sentinel = await startSentinel(master);
  t.teardown(sentinel.stop);
  await waitFor('the copy', 10_000, async () =>
    String(await master.command('INFO', 'replication')).includes('connected_slaves:1'),
  );
  const open = () => startReplica({ sentinel: { master: 'main', nodes: [nodeOf(sentinel)] } });
  const [one, other] = await Promise.all([await open(), await open()].map(({ store }) => follow(t, store)));
  if (!one || !other) throw new Error('no replicas');
  await one.store.add([revoke('a')]);
  await Promise.all([one.learns(1), other.learns(1)]);
  await waitFor('the copy of it', 10_000, async () => (await copy.command('DBSIZE')) !== 0);
  // From now on the copy hears nothing, and nothing waits for it.
  copy.freeze();
  await master.command('CLIENT', 'KILL', 'TYPE', 'replica');
  await one.store.add([revoke('b')]);
  await Promise.all([one.learns(2), other.learns(2)]);
  await master.stop();
  copy.thaw();
  await waitFor('the new master', 20_000, () => isMaster(copy));
  await waitFor('all of them', 20_000, async () =>
    (await one.store.list().catch(() => [])).some(({ value }) => value === 'b'),
  );
  t.deepEqual([one.revocations.count, other.revocations.count], [2, 2]);
  t.true(one.restored.length + other.restored.length > 0);
  await waitFor('a further one', 20_000, () =>
    other.store.add([revoke('c')]).then(
      () => true,
      () => false,
    ),
  );
  await Promise.all([one.learns(3), other.learns(3)]);
});

redisTest('cluster – revocations lie on one master, and messages reach those who ask another', async (t) => {
  const { nodes, stop } = await startCluster();
  t.teardown(stop);
  const [first, second] = nodes;
  const one = await follow(t, (await startReplica({ cluster: [nodeOf(first)] })).store);
  const other = await follow(t, (await startReplica({ cluster: [nodeOf(second)] })).store);
  await one.store.add([revoke('a'), revoke('b')]);
  await Promise.all([one.learns(2), other.learns(2)]);
  await other.store.undo([revoke('a')]);
  await Promise.all([one.learns(1), other.learns(1)]);
  const sizes = await Promise.all(nodes.map((node) => node.command('KEYS', 'test:{revocations}*')));
  t.deepEqual(sizes.map((keys) => (keys as string[]).length).toSorted(), [0, 0, 4]);
});
