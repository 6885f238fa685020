import type { ConfigInput } from '../../src/config/schema.ts';
import { createAssertionWorld, reasonOf } from '../support/assertions.ts';
import { type CheckClient, openCheckClient } from '../support/check-client.ts';
import { programTest } from '../support/debian-test.ts';
import { configText, type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const redisTest = await programTest('redis-server');

type OnOutage = NonNullable<ConfigInput['store']>['onOutage'];

interface Replica {
  readonly service: Peerproof;
  readonly client: CheckClient;
}

/** Three replicas with one Redis, and token requests whose assertions hold once. */
async function startAll(
  t: { teardown(end: () => unknown): void },
  { redis, onOutage = 'refuse' }: { redis: Redis; onOutage?: OnOutage },
) {
  const world = createAssertionWorld({
    store: { redis: { address: redis.address, timeout: '1s' }, onOutage },
  });
  const replicas: Replica[] = [];
  for (let n = 0; n < 3; n++) {
    const service = await startPeerproof(world.config);
    t.teardown(() => service.drain());
    const client = openCheckClient(service.grpcPort);
    t.teardown(() => client.close());
    await service.ready;
    replicas.push({ service, client });
  }
  return { world, replicas: replicas as [Replica, Replica, Replica] };
}

const health = {
  attributes: { request: { http: { method: 'GET', host: 'app.test', path: '/healthz', headers: {} } } },
};
const events = ({ lines }: Peerproof) => lines.map((line) => JSON.parse(line).event).filter(Boolean);

redisTest('replicas – a recorded assertion is refused by the same replica and by another one', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const { world, replicas } = await startAll(t, { redis });
  const request = world.request('one');
  t.is(await reasonOf(replicas[0].client, request), 'allowed');
  for (const { client } of replicas) t.is(await reasonOf(client, request), 'proof_replayed');
  for (let round = 0; round < 20; round++) {
    const raced = world.request(`round ${round}`);
    const reasons = await Promise.all(replicas.map(({ client }) => reasonOf(client, raced)));
    t.deepEqual(reasons.toSorted(), ['allowed', 'proof_replayed', 'proof_replayed']);
  }
  const [{ service }] = replicas;
  t.true(events(service).includes('store_available'));
  t.false(events(service).includes('proofs_remembered_here'));
  t.is(await service.metric('peerproof_store_up'), 1);
  t.is(await service.metric('peerproof_store_requests_total', { outcome: 'answered' }), 22);
  t.is(await service.metric('peerproof_used_proofs'), 0);
});

redisTest('replicas – a store that hangs delays nobody else, and its outage ends by itself', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const { world, replicas } = await startAll(t, { redis });
  const [{ service, client }] = replicas;
  redis.freeze();
  const answered: string[] = [];
  const waiting = Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      reasonOf(client, world.request(`${n}`)).then((reason) => answered.push(reason)),
    ),
  );
  for (let n = 0; n < 20; n++) t.is(await reasonOf(client, health), 'public');
  await waiting;
  t.deepEqual([...new Set(answered)], ['store_unavailable']);
  await waitFor('the outage', 10_000, async () => (await service.metric('peerproof_store_up')) === 0);
  const { status, body } = await service.page('/readyz');
  t.is(status, 200);
  t.like(JSON.parse(body).store, { answers: false, reason: 'store_unavailable' });
  t.true(events(service).includes('store_unavailable'));
  const answer = await client.check(world.request('during'));
  t.is(answer.deniedResponse.status.code, 503);
  redis.thaw();
  await waitFor(
    'the end of the outage',
    10_000,
    async () => (await reasonOf(client, world.request(`${Math.random()}`))) === 'allowed',
  );
});

redisTest('replicas – allowReplays: during an outage each replica accepts a proof once', async (t) => {
  const redis = await startRedis();
  t.teardown(redis.stop);
  const { world, replicas } = await startAll(t, { redis, onOutage: 'allowReplays' });
  await redis.stop();
  const request = world.request('one');
  for (const { client } of replicas) {
    t.is(await reasonOf(client, request), 'allowed');
    t.is(await reasonOf(client, request), 'proof_replayed');
  }
  const weak = replicas[0].service.lines.find(
    (line) => line.includes('allowReplays') || line.includes('store.onOutage'),
  );
  t.regex(weak ?? '', /store\.onOutage.*a recorded proof is accepted once more/);
});

redisTest(
  'replicas – another store needs a restart, and the memory of used proofs survives a reload',
  async (t) => {
    const redis = await startRedis();
    t.teardown(redis.stop);
    const { world, replicas } = await startAll(t, { redis });
    const [{ service, client }] = replicas;
    const request = world.request('one');
    t.is(await reasonOf(client, request), 'allowed');
    await service.reload(configText({ ...world.config, realm: 'another' }));
    t.is(await reasonOf(client, request), 'proof_replayed');
    t.is(await service.metric('peerproof_configuration_restart_needed'), 0);
    const { store: _, ...without } = world.config;
    await service.reload(configText(without));
    t.is(await service.metric('peerproof_configuration_restart_needed'), 1);
    t.is(await reasonOf(client, request), 'proof_replayed');
  },
);

redisTest('one replica – it remembers for itself, says so, and forgets nothing in a reload', async (t) => {
  const world = createAssertionWorld();
  const service = await startPeerproof(world.config);
  t.teardown(() => service.drain());
  const client = openCheckClient(service.grpcPort);
  t.teardown(() => client.close());
  const request = world.request('one');
  t.is(await reasonOf(client, request), 'allowed');
  t.is(await reasonOf(client, request), 'proof_replayed');
  await service.reload(configText({ ...world.config, realm: 'another' }));
  t.is(await reasonOf(client, request), 'proof_replayed');
  t.deepEqual(
    events(service).filter((event) => event === 'proofs_remembered_here'),
    ['proofs_remembered_here'],
  );
  t.is(await service.metric('peerproof_used_proofs'), 1);
});
