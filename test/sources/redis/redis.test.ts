import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DependencyError } from '../../../src/core/denial.ts';
import { createCa } from '../../support/ca.ts';
import { programTest } from '../../support/debian-test.ts';
import { type Redis, type RedisOptions, startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import { type ReplicaOptions, startReplica } from './stores.ts';

const redisTest = await programTest('redis-server');

const unavailable = { instanceOf: DependencyError, message: /^(the store|not asked)/ };
const addressOf = ({ port }: { readonly port: number }) => ({ address: { host: '127.0.0.1', port } });

/** A Redis and so many replicas of the service. All of them end with the test. */
async function startAll(
  t: { teardown(end: () => Promise<void>): void },
  { replicas = 1, options = {}, ...more }: RedisOptions & { replicas?: number; options?: ReplicaOptions },
) {
  const redis = await startRedis(more);
  t.teardown(redis.stop);
  const started = await Promise.all(
    Array.from({ length: replicas }, async () => {
      const replica = await startReplica(addressOf(redis), options);
      t.teardown(async () => replica.store.stop());
      return replica;
    }),
  );
  return { redis, replicas: started as [(typeof started)[0], ...typeof started] };
}

redisTest('redis – a proof is used once, at the same replica and at another one', async (t) => {
  const { replicas } = await startAll(t, { replicas: 3 });
  const [first, second, third] = replicas;
  t.true(await first.use('a'));
  t.false(await first.use('a'));
  t.false(await second?.use('a'));
  t.true(await third?.use('b'));
  t.deepEqual(first.reports, [undefined]);
});

redisTest('redis – of the same proof at the same time at three replicas, one is the first', async (t) => {
  const { replicas } = await startAll(t, { replicas: 3 });
  const uses = Array.from({ length: 300 }, (_, n) => replicas[n % 3]?.use(`proof ${n % 10}`));
  t.is((await Promise.all(uses)).filter(Boolean).length, 10);
});

redisTest('redis – a proof is kept half a minute longer than it is valid, and no other key is', async (t) => {
  const { redis, replicas } = await startAll(t, {});
  await replicas[0].use('a');
  const left = Number(await redis.command('PTTL', 'test:used:a'));
  t.true(left > 80_000 && left <= 90_000, `${left}`);
  t.deepEqual(((await redis.command('KEYS', '*')) as string[]).toSorted(), ['test:alive', 'test:used:a']);
});

redisTest('redis – replicas with different prefixes do not know of each other', async (t) => {
  const { redis, replicas } = await startAll(t, {});
  const other = await startReplica(addressOf(redis), { prefix: 'other:' });
  t.teardown(async () => other.store.stop());
  t.true(await replicas[0].use('a'));
  t.true(await other.use('a'));
});

redisTest('redis – stopped: refused at once, and again at work when it is back', async (t) => {
  const { redis, replicas } = await startAll(t, {});
  const [replica] = replicas;
  await redis.stop();
  await waitFor('the outage', 5_000, () => replica.store.state().failure !== undefined);
  await t.throwsAsync(replica.use('a'), unavailable);
  t.is(replica.reports.length, 2);
  const again = await startRedis({ config: [`port ${redis.port}`] });
  t.teardown(again.stop);
  await waitFor('the connection', 10_000, () => replica.store.state().failure === undefined);
  t.true(await replica.use('a'));
  t.deepEqual([replica.reports.length, replica.reports[2]], [3, undefined]);
});

redisTest('redis – frozen: a check waits for its time only, and soon nobody waits', async (t) => {
  const { redis, replicas } = await startAll(t, { options: { timeout: 100 } });
  const [replica] = replicas;
  redis.freeze();
  const began = performance.now();
  const late = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => replica.use(`${n}`)));
  t.true(late.every(({ status }) => status === 'rejected'));
  t.true(performance.now() - began < 5_000);
  await t.throwsAsync(replica.use('more'), { message: /not asked at the moment: .*no answer in time/ });
  redis.thaw();
  await waitFor('the next attempt', 10_000, () => replica.use('later').catch(() => false));
});

redisTest('redis – a check that has no time left does not wait', async (t) => {
  const { redis, replicas } = await startAll(t, { options: { timeout: 30_000 } });
  redis.freeze();
  const began = performance.now();
  await t.throwsAsync(replicas[0].use('a', 50), unavailable);
  await t.throwsAsync(replicas[0].use('a', 0), { message: /no time left/ });
  t.true(performance.now() - began < 10_000);
});

redisTest('redis – flushed: what was used before is forgotten, and accepted once more', async (t) => {
  const { redis, replicas } = await startAll(t, {});
  t.true(await replicas[0].use('a'));
  await redis.command('FLUSHALL');
  t.true(await replicas[0].use('a'));
  t.false(await replicas[0].use('a'));
});

redisTest('redis – full: it refuses, and forgets nothing', async (t) => {
  const { replicas } = await startAll(t, { config: ['maxmemory 1500kb', 'maxmemory-policy noeviction'] });
  const [replica] = replicas;
  t.true(await replica.use('first'));
  let used = 0;
  await t.throwsAsync(
    async () => {
      for (; used < 1_000; used++) await replica.use(`${used} ${'x'.repeat(20_000)}`);
    },
    { message: /OOM/ },
  );
  t.true(used > 0);
  t.deepEqual(replica.evicts, []);
});

redisTest('redis – a server that forgets keys when it is full is reported', async (t) => {
  const { replicas } = await startAll(t, { config: ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'] });
  await waitFor('the report', 5_000, () => replicas[0].evicts.length > 0);
  t.deepEqual(replicas[0].evicts, ['allkeys-lru']);
});

redisTest('redis – allowReplays: during an outage each process remembers for itself', async (t) => {
  const { redis, replicas } = await startAll(t, { replicas: 2, options: { allowReplays: true } });
  const [one, other] = replicas;
  t.true(await one.use('a'));
  await redis.stop();
  t.true(await one.use('b'));
  t.false(await one.use('b'));
  t.true(await other?.use('b'));
});

redisTest('redis – a wrong password is an outage, and a new one in the file ends it', async (t) => {
  const redis = await startRedis({ password: 'right' });
  t.teardown(redis.stop);
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-redis-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'wrong\n');
  const replica = await startReplica({ ...addressOf(redis), passwordFile });
  t.teardown(async () => replica.store.stop());
  t.regex(replica.store.state().failure ?? '', /WRONGPASS|NOAUTH/);
  await t.throwsAsync(replica.use('a'), unavailable);
  await writeFile(passwordFile, 'right\n');
  await waitFor('the login', 10_000, () => replica.store.state().answered);
  t.true(await replica.use('a'));
});

const rights = ['+set', '+hello', '+auth'];
redisTest('redis – a user with few rights is enough, and one without the keys is an outage', async (t) => {
  const { redis } = await startAll(t, { replicas: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-redis-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'secret');
  await redis.command('ACL', 'SETUSER', 'few', 'on', '>secret', '~test:*', ...rights);
  await redis.command('ACL', 'SETUSER', 'other', 'on', '>secret', '~other:*', ...rights);
  const few = await startReplica({ ...addressOf(redis), user: 'few', passwordFile });
  t.teardown(async () => few.store.stop());
  t.true(await few.use('a'));
  const other = await startReplica({ ...addressOf(redis), user: 'other', passwordFile });
  t.teardown(async () => other.store.stop());
  t.regex(other.store.state().failure ?? '', /NOPERM/);
});

redisTest('redis – TLS: the right authority is needed, and the right name', async (t) => {
  const [ca, stranger] = await Promise.all([createCa(), createCa()]);
  const { certPem: cert, keyPem: key } = await ca.server();
  const redis: Redis = await startRedis({ tls: { ca: ca.certPem, cert, key } });
  t.teardown(redis.stop);
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-redis-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const connect = async (pem: string, serverName?: string) => {
    const caFile = join(folder, `ca-${serverName}.pem`);
    await writeFile(caFile, pem);
    const replica = await startReplica({ ...addressOf(redis), tls: { caFile, serverName } });
    t.teardown(async () => replica.store.stop());
    return replica;
  };
  const right = await connect(ca.certPem);
  t.true(await right.use('a'), right.store.state().failure);
  const wrongCa = await connect(stranger.certPem);
  t.regex(wrongCa.store.state().failure ?? '', /certificate/);
  await t.throwsAsync(wrongCa.use('a'), unavailable);
  const wrongName = await connect(ca.certPem, 'elsewhere.example.com');
  t.regex(wrongName.store.state().failure ?? '', /altnames|Hostname/);
});

redisTest('redis – messages reach every replica that listens, also after a lost connection', async (t) => {
  const { redis, replicas } = await startAll(t, { replicas: 2 });
  const heard = replicas.map(({ store }) => {
    const messages: string[] = [];
    store.subscribe('test:news', (message) => messages.push(message));
    return messages;
  });
  const say = (text: string) => replicas[0].store.send('test:news', ['PUBLISH', 'test:news', text], 5_000);
  const allHeard = (text: string) =>
    waitFor(`${text} is heard`, 10_000, async () => {
      await say(text).catch(() => undefined);
      return heard.every((messages) => messages.includes(text));
    });
  await allHeard('one');
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
  await allHeard('two');
  t.true(heard.every((messages) => messages.includes('one') && messages.includes('two')));
});
