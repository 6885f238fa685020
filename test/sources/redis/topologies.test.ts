import { programTest } from '../../support/debian-test.ts';
import {
  isMaster,
  type Redis,
  startCluster,
  startReplica as startCopy,
  startRedis,
  startSentinel,
} from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import { startReplica } from './stores.ts';

const redisTest = await programTest('redis-server');

const nodeOf = ({ port }: { readonly port: number }) => ({ host: '127.0.0.1', port });
const copies = (master: Redis, count: number) =>
  waitFor('the copy', 10_000, async () =>
    String(await master.command('INFO', 'replication')).includes(`connected_slaves:${count}`),
  );

redisTest('sentinel – after a failover the new master is asked, and knows what was used', async (t) => {
  const master = await startRedis();
  t.teardown(master.stop);
  const copy = await startCopy(master);
  t.teardown(copy.stop);
  const sentinel = await startSentinel(master);
  t.teardown(sentinel.stop);
  await copies(master, 1);
  const replicas = await Promise.all(
    [1, 2].map(async () => {
      const replica = await startReplica({ sentinel: { master: 'main', nodes: [nodeOf(sentinel)] } });
      t.teardown(async () => replica.store.stop());
      return replica;
    }),
  );
  const [one, other] = replicas;
  // The first connection of a process asks the sentinel, and may take longer than a check waits.
  for (const replica of replicas)
    await waitFor('a connection', 10_000, () => replica.use(`first ${Math.random()}`).catch(() => false));
  t.true(await one?.use('before'));
  await waitFor(
    'the copy of the proof',
    10_000,
    async () => (await copy.command('EXISTS', 'test:used:before')) === 1,
  );
  await master.stop();
  await t.throwsAsync(async () => one?.use('during'), { message: /store|not asked/ });
  for (const replica of replicas)
    await waitFor('the new master', 20_000, () => replica.use(`after ${Math.random()}`).catch(() => false));
  t.false(await one?.use('before'));
  t.false(await other?.use('before'));
  t.true(await isMaster(copy));
});

redisTest('cluster – proofs are spread over the masters, and are used once everywhere', async (t) => {
  const { nodes, stop } = await startCluster();
  t.teardown(stop);
  const [first, second] = nodes;
  const one = await startReplica({ cluster: [nodeOf(first)] });
  t.teardown(async () => one.store.stop());
  const other = await startReplica({ cluster: [nodeOf(second)] });
  t.teardown(async () => other.store.stop());
  const names = Array.from({ length: 60 }, (_, n) => `proof ${n}`);
  t.deepEqual(new Set(await Promise.all(names.map((name) => one.use(name)))), new Set([true]));
  t.deepEqual(new Set(await Promise.all(names.map((name) => other.use(name)))), new Set([false]));
  const sizes = await Promise.all(nodes.map((node) => node.command('DBSIZE')));
  t.true(
    sizes.every((size) => Number(size) > 5),
    `${sizes}`,
  );
});
