import { setImmediate as others } from 'node:timers/promises';
import test from 'ava';
import { atOnce, either, inTurns, mapInSteps, type Steps } from '../../src/lib/in-turns.ts';

/** Steps of two milliseconds each. */
function* slow(steps: number): Steps<string> {
  for (let step = 0; step < steps; step++) {
    for (const until = performance.now() + 2; performance.now() < until; );
    yield;
  }
  return 'done';
}

test('turns – both ways return what the steps return', async (t) => {
  t.is(atOnce(slow(3)), 'done');
  t.is(await inTurns(slow(3)), 'done');
});

test('turns – other work comes in between', async (t) => {
  let turns = 0;
  let isOver = false;
  const count = async () => {
    while (!isOver) {
      await others();
      turns++;
    }
  };
  const counting = count();
  await inTurns(slow(50));
  isOver = true;
  await counting;
  t.true(turns >= 10, `${turns} turns`);
});

test('turns – short work is done without a pause', async (t) => {
  let isOver = false;
  const work = inTurns(mapInSteps([1, 2], (entry) => entry)).then(() => {
    isOver = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  t.true(isOver);
  await work;
});

test('turns – an error of a step reaches the caller', async (t) => {
  const failing = () =>
    mapInSteps([1], () => {
      throw new RangeError('no');
    });
  t.throws(() => atOnce(failing()), { instanceOf: RangeError });
  await t.throwsAsync(inTurns(failing()), { instanceOf: RangeError });
});

test('turns – each entry is mapped once, in its order and with its number', (t) => {
  const entries = Array.from({ length: 100 }, (_, number) => `e${number}`);
  t.deepEqual(
    atOnce(mapInSteps(entries, (entry, index) => [entry, index])),
    entries.map((entry, index) => [entry, index]),
  );
  t.deepEqual(atOnce(mapInSteps([], (entry) => entry)), []);
});

test('turns – a piece is done now, or waited for, and its result or error comes back to the steps', async (t) => {
  const piece = { now: () => 'now', later: async () => 'later' };
  t.is(atOnce(either(piece)), 'now');
  t.is(await inTurns(either(piece)), 'later');
  const failing = {
    now() {
      throw new RangeError('now');
    },
    later: () => Promise.reject(new RangeError('later')),
  };
  function* caught(): Steps<string> {
    try {
      return yield* either<string>(failing);
    } catch (error) {
      return `caught ${(error as Error).message}`;
    }
  }
  t.is(atOnce(caught()), 'caught now');
  t.is(await inTurns(caught()), 'caught later');
  await t.throwsAsync(inTurns(either(failing)), { instanceOf: RangeError });
});
