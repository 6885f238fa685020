import test from 'ava';
import { DependencyError } from '../../../src/core/denial.ts';
import type { UsedProofs } from '../../../src/core/used/used-proofs.ts';
import { Bulkheads } from '../../../src/sources/bulkhead.ts';
import { UsedInStore } from '../../../src/sources/redis/used-in-store.ts';
import { NOW } from '../../support/check-world.ts';

type Send = (command: readonly string[], patience: number) => Promise<unknown>;

const gone = new DependencyError('store_unavailable', 'the store: gone', 1);

/** Without a server: what is asked, and what follows from each answer. */
function createUsed(
  send: Send,
  { places = 100, meanwhile }: { places?: number; meanwhile?: UsedProofs } = {},
) {
  const clock = { now: NOW };
  const asked: (readonly string[])[] = [];
  const outcomes: string[] = [];
  const used = new UsedInStore({
    store: {
      prefix: 'p:',
      send(_key, command, patience) {
        asked.push(command);
        return send(command, patience);
      },
    },
    ...{ clock: () => clock.now, timeout: 250, name: 'me.', meanwhile },
    bulkhead: new Bulkheads(() => places).of('the store'),
    ended: (outcome) => outcomes.push(outcome),
  });
  const use = async (id: string, deadline = clock.now + 5_000, until = clock.now + 60_000) =>
    used.use({ id, until }, 'owner', { now: clock.now, deadline });
  return { use, clock, asked, outcomes };
}

const first: Send = async () => null;
const down: Send = () => Promise.reject(gone);

test('used in store – one command marks a proof and asks who was first', async (t) => {
  const { use, asked, outcomes } = createUsed(first);
  t.true(await use('a'));
  t.deepEqual(asked, [['SET', 'p:used:a', 'me.0', 'NX', 'GET', 'PX', '90000']]);
  t.deepEqual(outcomes, ['answered']);
});

test('used in store – any time to keep it is one that the server takes', async (t) => {
  const { use, clock, asked } = createUsed(first);
  for (const until of [1e300, Number.POSITIVE_INFINITY, clock.now + 0.5, clock.now - 1e12])
    t.true(await use('a', clock.now + 5_000, until));
  t.deepEqual(
    asked.map((command) => command.at(-1)),
    ['10000000000000', '10000000000000', '30001', '30001'],
  );
});

test('used in store – our own mark is no replay: the command reached the store twice', async (t) => {
  const own = createUsed(async (command) => command[2]);
  t.true(await own.use('a'));
  for (const mark of ['me.7', 'another.0', '', 'OK', 1, undefined, []])
    t.false(await createUsed(async () => mark).use('a'), String(mark));
});

test('used in store – it waits for the shorter of its own time and that of the check', async (t) => {
  const patience: number[] = [];
  const { use, clock } = createUsed(async (_command, given) => {
    patience.push(given);
    return null;
  });
  await use('a');
  await use('b', clock.now + 40);
  t.deepEqual(patience, [250, 40]);
  await t.throwsAsync(use('c', clock.now), { message: /no time left/ });
  t.is(patience.length, 2);
});

test('used in store – after five failures in a row it is left alone for a second', async (t) => {
  let isDown = true;
  const { use, clock, asked, outcomes } = createUsed((...of) => (isDown ? down(...of) : first(...of)));
  for (let n = 0; n < 5; n++) await t.throwsAsync(use(`${n}`), { is: gone });
  await t.throwsAsync(use('5'), { instanceOf: DependencyError, message: /not asked .* gone/ });
  t.is(asked.length, 5);
  clock.now += 1_000;
  await t.throwsAsync(use('6'), { is: gone });
  t.is(asked.length, 6);
  await t.throwsAsync(use('7'), { message: /not asked/ });
  isDown = false;
  clock.now += 1_000;
  t.true(await use('8'));
  t.true(await use('9'));
  t.is(outcomes.filter((outcome) => outcome === 'failed').length, 6);
});

test('used in store – checks that had hardly any time left do not shut it', async (t) => {
  const { use, clock, asked } = createUsed(down);
  for (let n = 0; n < 20; n++) await t.throwsAsync(use(`${n}`, clock.now + 10), { is: gone });
  t.is(asked.length, 20);
});

test('used in store – one owner who floods leaves places to others', async (t) => {
  const { use } = createUsed(() => new Promise(() => undefined), { places: 8 });
  const refused: unknown[] = [];
  for (let n = 0; n < 20; n++) use(`${n}`).catch((error) => refused.push(error.reason));
  await new Promise(setImmediate);
  // As everywhere in src/sources/bulkhead.ts: three of eight.
  t.deepEqual([refused.length, new Set(refused)], [17, new Set(['overloaded'])]);
});

test('used in store – only during an outage another memory remembers', async (t) => {
  const local: string[] = [];
  const meanwhile: UsedProofs = {
    use({ id }) {
      local.push(id);
      return !id.startsWith('seen');
    },
  };
  const well = createUsed(async () => 'another.0', { meanwhile });
  t.false(await well.use('a'));
  const { use } = createUsed(down, { meanwhile });
  t.true(await use('b'));
  t.false(await use('seen'));
  t.deepEqual(local, ['b', 'seen']);
  const broken = createUsed(() => Promise.reject(new TypeError('bug')), { meanwhile });
  await t.throwsAsync(broken.use('c'), { instanceOf: TypeError });
});
