import { setImmediate as endOfTurn } from 'node:timers/promises';
import test from 'ava';
import { EndOfTurn } from '../../src/lib/end-of-turn.ts';

function collecting(most?: number) {
  const handled: number[][] = [];
  return { handled, soon: new EndOfTurn<number>((items) => handled.push([...items]), most) };
}

test('items of one turn are handled together, in their order', async (t) => {
  const { handled, soon } = collecting();
  for (const item of [1, 2, 3]) soon.add(item);
  t.deepEqual(handled, []);
  await endOfTurn();
  t.deepEqual(handled, [[1, 2, 3]]);
  soon.add(4);
  await endOfTurn();
  t.deepEqual(handled, [[1, 2, 3], [4]]);
});

test('so many as may wait are handled at once, and the rest at the end of the turn', async (t) => {
  const { handled, soon } = collecting(2);
  for (const item of [1, 2, 3]) soon.add(item);
  t.deepEqual(handled, [[1, 2]]);
  await endOfTurn();
  t.deepEqual(handled, [[1, 2], [3]]);
});

test('a turn that leaves no item handles nothing', async (t) => {
  const { handled, soon } = collecting(1);
  soon.add(1);
  await endOfTurn();
  t.deepEqual(handled, [[1]]);
});

test('an item that is added by the handler is handled too', async (t) => {
  const handled: number[] = [];
  const soon = new EndOfTurn<number>((items) => {
    handled.push(...items);
    if (handled.length < 3) soon.add(handled.length + 1);
  });
  soon.add(1);
  for (const _ of [1, 2, 3]) await endOfTurn();
  t.deepEqual(handled, [1, 2, 3]);
});
