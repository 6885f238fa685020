import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Revocation } from '../../../src/core/revocation/revocation.ts';
import { Revocations } from '../../../src/core/revocation/revocations.ts';
import { takeTurns } from '../../../src/events/poll-turn.ts';
import { seenInStore } from '../../../src/events/seen-events.ts';
import { followStore } from '../../../src/sources/revocation/followed-store.ts';
import { channelOf } from '../../../src/sources/revocation/scripts.ts';
import {
  type SharedRevocations,
  shareRevocations,
} from '../../../src/sources/revocation/shared-revocations.ts';
import { programTest } from '../../support/debian-test.ts';
import { startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import { startReplica } from '../redis/stores.ts';

const redisTest = await programTest('redis-server');
const limits = { memory: 64 * 2 ** 20, maxStaleness: 10_000, onOutage: 'refuse' } as const;
const soon = () => Date.now() + 60_000;
const revoke = (value: string, more: Partial<Revocation> = {}): Revocation => ({
  ...{ kind: 'jti', value, issuer: undefined, issuedBefore: undefined, until: soon(), by: 'a test' },
  ...more,
});
const values = (list: Iterable<Revocation>) => [...list].map(({ value }) => value).toSorted();

/** A real Redis, and processes that share it. */
async function start(memory = limits.memory) {
  const server = await startRedis();
  const { store: redis } = await startReplica({ address: { host: '127.0.0.1', port: server.port } });
  const store = shareRevocations(redis, () => memory);
  const key = (part: string) => `test:{revocations}:${part}`;
  return {
    ...{ redis, store, key, command: server.command, port: server.port },
    replica: (of: SharedRevocations = store) => createReplica(of, memory),
    async stop() {
      redis.stop();
      await server.stop();
    },
  };
}

/** It looks only when it is told to. */
function createReplica(store: SharedRevocations, memory: number) {
  const revocations = new Revocations(() => ({ ...limits, memory }));
  const restored: number[] = [];
  const failures: (string | undefined)[] = [];
  const source = followStore({
    ...{ store, revocations, clock: Date.now },
    report: (failure) => failures.push(failure),
    onRestored: (count) => restored.push(count),
  });
  const look = async () => {
    await source.start();
    source.stop();
  };
  return { revocations, restored, failures, look };
}

redisTest(
  'shared revocations – every replica learns what another has added, and that it was undone',
  async (t) => {
    const { store, replica, stop } = await start();
    t.teardown(stop);
    const [one, other] = [replica(), replica()];
    await one.look();
    await store.add([revoke('t-1'), revoke('t-2', { issuer: 'corp', issuedBefore: 1_000 })]);
    await Promise.all([one.look(), other.look()]);
    t.deepEqual([...one.revocations.all()], await store.list());
    t.deepEqual(values(other.revocations.all()), ['t-1', 't-2']);
    const names = [revoke('t-1'), revoke('unknown')];
    t.deepEqual(values((await store.undo(names)) as Revocation[]), ['t-1']);
    t.deepEqual(await store.undo(names), []);
    await Promise.all([one.look(), other.look()]);
    t.deepEqual(values(one.revocations.all()), ['t-2']);
    t.deepEqual(values(other.revocations.all()), ['t-2']);
    t.deepEqual(values(await store.list()), ['t-2']);
    await store.add([revoke('t-1')]);
    await one.look();
    t.deepEqual(values(one.revocations.all()), ['t-1', 't-2']);
  },
);

redisTest(
  'shared revocations – two with one name keep the later times, and change nothing the second time',
  async (t) => {
    const { store, command, key, stop } = await start();
    t.teardown(stop);
    const [early, late] = [soon(), soon() + 10_000];
    await store.add([revoke('t', { until: late, issuedBefore: 1_000 }), revoke('t', { until: early })]);
    await store.add([revoke('s', { until: late, issuedBefore: 1_000 })]);
    await store.add([revoke('s', { until: early, issuedBefore: 2_000 })]);
    const version = () => command('HGET', key('state'), 'version');
    const before = await version();
    await store.add([revoke('s', { until: early, issuedBefore: 1_500 })]);
    t.is(await version(), before);
    const found = (await store.list()).map(({ value, until, issuedBefore }) => [value, until, issuedBefore]);
    t.deepEqual(found, [
      ['t', late, undefined],
      ['s', late, 2_000],
    ]);
  },
);

redisTest('shared revocations – when there is no place, nothing is added and nothing dropped', async (t) => {
  const { store, stop } = await start(2_000);
  t.teardown(stop);
  await store.add([revoke('a'), revoke('b')]);
  await t.throwsAsync(store.add([revoke('c'), revoke('d'), revoke('e')]), {
    message: /fill revocation\.memory/,
  });
  t.deepEqual(values(await store.list()), ['a', 'b']);
  await store.add([revoke('a', { until: soon() + 1_000 })]);
  t.is((await store.list()).length, 2);
});

redisTest('shared revocations – what has expired makes place, and leaves Redis empty', async (t) => {
  const { store, command, key, stop } = await start(1_500);
  t.teardown(stop);
  await store.add([revoke('a', { until: Date.now() + 50 }), revoke('b', { until: Date.now() + 50 })]);
  await sleep(60);
  await store.add([revoke('c'), revoke('d')]);
  t.deepEqual(values(await store.list()), ['c', 'd']);
  t.is(await command('HLEN', key('entries')), 2);
  for (const part of ['state', 'entries', 'changes', 'ends'])
    t.true(Number(await command('PTTL', key(part))) > 60_000, part);
});

redisTest('shared revocations – more than one page is read, and a look costs one round trip', async (t) => {
  const { store, replica, redis, stop } = await start();
  t.teardown(stop);
  let sent = 0;
  const send: typeof redis.send = (...all) => {
    sent++;
    return redis.send(...all);
  };
  const counted = shareRevocations({ ...redis, send }, () => 1e9);
  const { look, revocations } = replica(counted);
  await store.add(Array.from({ length: 1_234 }, (_, index) => revoke(`t-${index}`)));
  await look();
  t.is(revocations.count, 1_234);
  t.is(sent, 3);
  sent = 0;
  await look();
  t.is(sent, 1);
  await store.add([revoke('t-0', { until: soon() + 5_000 })]);
  sent = 0;
  await look();
  t.is(sent, 1);
  t.is(revocations.count, 1_234);
});

redisTest('shared revocations – what Redis has lost is written back by those who know it', async (t) => {
  const { store, replica, command, stop } = await start();
  t.teardown(stop);
  const [one, other] = [replica(), replica()];
  await store.add([revoke('a'), revoke('b'), revoke('c')]);
  await store.undo([revoke('c')]);
  await Promise.all([one.look(), other.look()]);
  await command('FLUSHALL');
  await store.add([revoke('d')]);
  await one.look();
  t.deepEqual(one.restored, [2]);
  await other.look();
  t.deepEqual(values(await store.list()), ['a', 'b', 'd']);
  t.deepEqual(values(one.revocations.all()), ['a', 'b', 'd']);
  t.deepEqual(values(other.revocations.all()), ['a', 'b', 'd']);
  await one.look();
  t.is(one.restored.length, 1);
});

redisTest('shared revocations – a failover to a copy that is behind loses nothing', async (t) => {
  const { store, replica, command, redis, stop } = await start();
  t.teardown(stop);
  let isDown = false;
  const shaky = shareRevocations(
    { ...redis, send: (...all) => (isDown ? Promise.reject(new Error('down')) : redis.send(...all)) },
    () => 1e9,
  );
  const one = replica(shaky);
  await store.add([revoke('a', { issuedBefore: 1_000 })]);
  for (const one of (await command('KEYS', 'test:{*')) as string[])
    await command('COPY', one, one, 'DB', '1');
  await store.add([revoke('a', { issuedBefore: 2_000 }), revoke('b')]);
  await one.look();
  isDown = true;
  await one.look();
  t.deepEqual(one.failures.at(-1), 'down');
  isDown = false;
  await command('SWAPDB', '0', '1');
  await store.add([revoke('c'), revoke('d')]);
  await one.look();
  t.deepEqual(values(one.revocations.all()), ['a', 'b', 'c', 'd']);
  t.deepEqual(values(await store.list()), ['a', 'b', 'c', 'd']);
  t.is((await store.list()).find(({ value }) => value === 'a')?.issuedBefore, 2_000);
});

redisTest('shared revocations – a part that Redis evicted is an outage, and no smaller set', async (t) => {
  const { store, replica, command, key, stop } = await start();
  t.teardown(stop);
  const one = replica();
  await store.add([revoke('a')]);
  await one.look();
  for (const part of ['entries', 'changes', 'state']) {
    await command('DEL', key(part));
    const other = replica();
    await other.look();
    t.regex(String(other.failures.at(-1)), /noeviction/, part);
    t.throws(() => other.revocations.find({ claims: {} } as never, undefined, undefined, Date.now()));
    await command('FLUSHALL');
    await one.look();
    t.deepEqual(values(await store.list()), ['a'], part);
  }
});

redisTest('shared revocations – what cannot be read is an outage', async (t) => {
  const { store, replica, command, key, stop } = await start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  const text = await command('HGET', key('entries'), 'jti\n\na');
  for (const wrong of ['', 'x', String(text).replace('"jti"', '"jwt"'), String(text).slice(0, -1)]) {
    await command('HSET', key('entries'), 'jti\n\na', wrong);
    const one = replica();
    await one.look();
    t.regex(String(one.failures.at(-1)), /cannot be read/);
    t.is(one.revocations.syncedAt, undefined);
  }
});

redisTest(
  'shared revocations – a process with less memory than the store refuses instead of missing some',
  async (t) => {
    const { store, stop } = await start();
    t.teardown(stop);
    await store.add(Array.from({ length: 20 }, (_, index) => revoke(`t-${index}`)));
    const small = createReplica(store, 5_000);
    await small.look();
    t.true(small.revocations.incomplete);
    await store.undo(Array.from({ length: 15 }, (_, index) => revoke(`t-${index}`)));
    const after = createReplica(store, 5_000);
    await after.look();
    t.false(after.revocations.incomplete);
  },
);

redisTest('shared revocations – the rights in docs/revocation.md are enough', async (t) => {
  const { command, port, stop } = await start();
  t.teardown(stop);
  const rights = ['store', 'revocation'].map((page) => {
    const text = readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8');
    return /^ACL SETUSER peerproof .*$/m.exec(text)?.[0] ?? '';
  });
  for (const line of rights) await command(...line.replace('PASSWORD', 'secret').split(' '));
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'secret');
  const login = { user: 'peerproof', passwordFile };
  const { store: redis } = await startReplica(
    { address: { host: '127.0.0.1', port }, ...login },
    { prefix: 'peerproof:' },
  );
  t.teardown(redis.stop);
  const store = shareRevocations(redis, () => 1e6);
  let heard = 0;
  redis.subscribe(channelOf(redis.prefix), () => heard++);
  await waitFor('a message', 5_000, async () => {
    await store.add([revoke(`t-${Date.now()}`, { until: Date.now() + 1 })]);
    return heard > 0;
  });
  await store.add([revoke('a')]);
  t.is((await store.undo([revoke('a')])).length, 1);
  t.false(values(await store.list()).includes('a'));
  const seen = seenInStore(redis);
  t.false(await seen.has('x'));
  await seen.add('x', 60_000);
  t.true(await seen.has('x'));
  const [mayPoll, mayOtherPoll] = [takeTurns(redis, 'idp'), takeTurns(redis, 'idp')];
  t.deepEqual([await mayPoll(), await mayOtherPoll(), await mayPoll()], [true, false, true]);
});

redisTest('shared revocations – a time before 1970 is one that every replica can read', async (t) => {
  const { store, replica, stop } = await start();
  t.teardown(stop);
  await store.add([revoke('a', { issuedBefore: -5_000 }), revoke('b', { issuedBefore: -Infinity })]);
  const { revocations, failures, look } = replica();
  await look();
  t.deepEqual(failures, [undefined]);
  t.deepEqual(
    [...revocations.all()].map(({ issuedBefore }) => issuedBefore),
    [0, 0],
  );
});
