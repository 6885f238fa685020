import type { ConfigInput } from '../../../src/config/schema.ts';
import { type AssertionWorld, createAssertionWorld } from '../../../test/support/assertions.ts';
import { type Redis, startRedis, startReplica, startSentinel } from '../../../test/support/redis.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { type Replayed, Replays } from '../replays.ts';
import type { Scenario, Stage } from '../scenario.ts';

/**
 * The Redis that two replicas share fails. Client assertions that hold once are sent to both. Whatever the store does, no
 * assertion is let in twice, unless the store itself has forgotten it, and all other requests notice nothing.
 */

interface Cast {
  redis: Redis;
  readonly assertions: AssertionWorld;
  readonly settings: Partial<NonNullable<ConfigInput['store']>['redis']>;
  /** Ends what was started beside the Redis. */
  readonly stop: () => Promise<unknown>;
}

type End = () => Promise<Redis> | undefined;

interface Told extends Pick<Scenario, 'settle' | 'lasts' | 'recovers'> {
  readonly name: string;
  /** Starts what there is beside the Redis. */
  readonly cast?: (redis: Redis) => Promise<Pick<Cast, 'settings' | 'stop'>>;
  /** @returns ends the fault, and gives the Redis that took the place, if any */
  readonly fault: (redis: Redis) => Promise<End> | End;
  /** What a new assertion may get during the fault. */
  readonly during: readonly string[];
  /** The store itself forgets what it knew before the fault. */
  readonly forgets?: true;
}

/** How many assertions from before the fault are sent once more at the end. */
const recorded = 20;

/** Milliseconds, of which Redis hangs every other time: a little more than the deadline below. */
const slow = 250;

function storeFails({ name, cast, fault, during, forgets, ...times }: Told): Scenario {
  let parts: Cast | undefined;
  let replays: Replays | undefined;
  let began = 0;
  /** When the fault was there. The store has forgotten between `began` and then, if it forgets. */
  let happened = 0;
  let ended = 0;
  const stop = async () => {
    await replays?.stop();
    await parts?.stop();
    await parts?.redis.stop();
    [parts, replays] = [undefined, undefined];
  };
  return {
    name: `Redis ${name}`,
    world: {
      instances: 2,
      async config(_parts, usual) {
        const redis = await startRedis();
        const assertions = createAssertionWorld();
        const beside = (await cast?.(redis)) ?? {
          settings: { address: redis.address },
          stop: async () => undefined,
        };
        parts = { redis, assertions, ...beside };
        const { issuers, clients, rules } = assertions.config;
        return {
          ...usual,
          issuers: { ...usual.issuers, ...issuers },
          clients: { ...usual.clients, ...clients },
          rules: [...rules.filter((rule) => rule.name === 'token-endpoint'), ...usual.rules],
          store: { redis: { ...parts.settings, timeout: '200ms' } },
        };
      },
      onStop: stop,
    },
    prepare({ world }: Stage) {
      if (!parts) return;
      replays = new Replays(
        world.instances.map(({ grpcPort }) => grpcPort),
        parts.assertions.request,
      );
      replays.start();
    },
    async fault() {
      if (!parts) throw new Error('no Redis');
      began = performance.now();
      const mend = await fault(parts.redis);
      happened = performance.now();
      return async () => {
        ended = performance.now();
        const next = await mend();
        if (next && parts) parts.redis = next;
      };
    },
    async observe({ world }) {
      const { settle = 0 } = times;
      const felt = (replays?.all ?? []).filter((one) => one.began > began + settle);
      const other = felt.filter(({ reasons: [first] }) => !during.includes(first));
      const pages = await Promise.all(world.instances.map((instance) => instance.readyz()));
      return [
        felt.length === 0 && 'no assertion was answered during it',
        other.length > 0 && `${other.length} of ${felt.length} new assertions got ${other[0]?.reasons[0]}`,
        pages.some(({ status }) => status !== 200) && 'a replica is not ready',
      ];
    },
    ...times,
    async after({ note }) {
      if (!replays || !parts) return ['no replays'];
      await waitFor('assertions after the fault', 10_000, () => {
        const last = replays?.all.at(-1);
        return last !== undefined && last.began > ended && last.reasons[0] === 'allowed';
      });
      const all = [...replays.all];
      const before = all.filter((one) => one.began < began - 500 && one.reasons[0] === 'allowed');
      const again = await replays.again(before.slice(-recorded));
      const twice = all
        .filter(isTwice)
        .filter((one) => !forgets || one.ended < began || one.began > happened);
      const count = (reason: string) => all.filter(({ reasons: [first] }) => first === reason).length;
      note(
        `${all.length} assertions were sent to one replica and then to the other: the first one let ${count('allowed')} in, and refused ${count('store_unavailable')} with store_unavailable. ${twice.length} were let in twice. ${again} of ${Math.min(recorded, before.length)} from before the fault were let in afterwards${forgets ? ', because the store had forgotten them' : ''}`,
      );
      await replays.stop();
      return [
        twice.length > 0 && `${twice.length} assertions were let in twice`,
        before.length === 0 && 'no assertion was let in before the fault',
        forgets === undefined && again > 0 && `${again} assertions were let in again after the fault`,
      ];
    },
  };
}

function isTwice({ reasons }: Replayed): boolean {
  return reasons.every((reason) => reason === 'allowed');
}

export const storeScenarios: readonly Scenario[] = [
  storeFails({
    name: 'stopped, and started again empty: what holds once is refused meanwhile',
    async fault(redis) {
      await redis.stop();
      return () => startRedis({ config: [`port ${redis.port}`] });
    },
    during: ['store_unavailable'],
    forgets: true,
    settle: 500,
    recovers: 3_000,
  }),
  storeFails({
    name: 'hangs: what holds once is refused meanwhile',
    fault(redis) {
      redis.freeze();
      return () => {
        redis.thaw();
        return undefined;
      };
    },
    during: ['store_unavailable'],
    settle: 500,
    lasts: 8_000,
    recovers: 3_000,
  }),
  storeFails({
    name: `slow, with answers after up to ${slow} ms: what holds once is refused at a late one`,
    fault(redis) {
      let isFrozen = false;
      const timer = setInterval(() => {
        if (isFrozen) redis.thaw();
        else redis.freeze();
        isFrozen = !isFrozen;
      }, slow);
      return () => {
        clearInterval(timer);
        redis.thaw();
        return undefined;
      };
    },
    during: ['allowed', 'store_unavailable'],
    lasts: 8_000,
    recovers: 3_000,
  }),
  storeFails({
    name: 'master killed, and Sentinel makes the replica the master',
    async cast(redis) {
      const copy = await startReplica(redis);
      const sentinel = await startSentinel(redis);
      await waitFor('the copy', 10_000, async () =>
        String(await redis.command('INFO', 'replication')).includes('connected_slaves:1'),
      );
      return {
        settings: { sentinel: { master: 'main', nodes: [sentinel.address] } },
        async stop() {
          await sentinel.stop();
          await copy.stop();
        },
      };
    },
    async fault(redis) {
      await redis.stop();
      return () => undefined;
    },
    during: ['allowed'],
    settle: 10_000,
    lasts: 3_000,
    recovers: 3_000,
  }),
  storeFails({
    name: 'flushed: what was used before it is accepted once more',
    async fault(redis) {
      await redis.command('FLUSHALL');
      return () => undefined;
    },
    during: ['allowed'],
    forgets: true,
    recovers: 1_000,
  }),
];
