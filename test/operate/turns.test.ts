import { Socket } from 'node:net';
import test from 'ava';
import { Turns } from '../../src/operate/turns.ts';

test('turns – one connection is answered ten times a second, the first time at once', (t) => {
  const turns = new Turns();
  const socket = new Socket();
  t.deepEqual(
    Array.from({ length: 4 }, () => turns.take(socket, 1_000)),
    [0, 100, 200, 300],
  );
  t.is(turns.take(socket, 5_000), 0);
});

test('turns – a probe on a connection of its own is answered at once beside a loop on another', (t) => {
  const turns = new Turns();
  const loop = new Socket();
  for (let now = 0; now < 2_000; now += 100) turns.take(loop, now);
  t.is(turns.take(new Socket(), 2_000), 0);
});

test('turns – connections that come anew each time are answered 200 times a second after a burst of 40', (t) => {
  const turns = new Turns();
  const waits = Array.from({ length: 140 }, () => turns.take(new Socket(), 1_000));
  t.is(waits.filter((wait) => wait === 0).length, 40);
  t.is(Math.max(...waits), 500);
  t.is(turns.take(new Socket(), 2_000), 0);
});
