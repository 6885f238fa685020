import test from 'ava';
import { readTimeBox, TimeBox } from '../tools/time-box.ts';

const names = Array.from({ length: 40 }, (_, index) => `n${index}`);

function takeAll(box: TimeBox<string>): string[] {
  const taken: string[] = [];
  for (let name = box.next(); name; name = box.next()) taken.push(name);
  return taken;
}

test('time box – without a time, everything in the order of the list', (t) => {
  const box = new TimeBox(names, (name) => name);
  t.deepEqual(takeAll(box), names);
  t.deepEqual(box.left, []);
});

test('time box – each seed gives another order of the same things', (t) => {
  const orders = ['a', 'b', 'a'].map((seed) =>
    takeAll(new TimeBox(names, (name) => name, { seconds: 3_600, seed })),
  );
  t.deepEqual(orders[0], orders[2]);
  t.notDeepEqual(orders[0], orders[1]);
  for (const order of orders) t.deepEqual(order.toSorted(), names.toSorted());
});

test('time box – gives out nothing once the time is over, and says what is left', (t) => {
  const box = new TimeBox(names, (name) => name, { seconds: 0, seed: 'a' });
  t.deepEqual(takeAll(box), []);
  t.deepEqual([...box.left].toSorted(), names.toSorted());
});

test('time box – a short list has the first ones of the order', (t) => {
  const boxOf = (most?: number) => new TimeBox(names, (name) => name, { seconds: 3_600, seed: 'a' }, most);
  t.deepEqual(takeAll(boxOf(3)), takeAll(boxOf()).slice(0, 3));
});

test('time box – needs both flags, and a whole number', (t) => {
  t.is(readTimeBox({}), undefined);
  t.deepEqual(readTimeBox({ seconds: '60', seed: 'abc' }), { seconds: 60, seed: 'abc' });
  for (const values of [
    { seconds: '60' },
    { seed: 'abc' },
    { seconds: 'soon', seed: 'abc' },
    { seconds: '', seed: 'abc' },
  ])
    t.throws(() => readTimeBox(values), { instanceOf: TypeError, message: /whole number/ });
});
