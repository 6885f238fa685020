import { Socket } from 'node:net';
import test from 'ava';
import { RequestPace } from '../../src/operate/request-pace.ts';

test('request pace – one connection is answered ten times a second, the first time at once', (t) => {
  const pace = new RequestPace();
  const socket = new Socket();
  t.deepEqual(
    Array.from({ length: 4 }, () => pace.take(socket, 1_000, 128)),
    [0, 100, 200, 300],
  );
  t.is(pace.take(socket, 5_000, 128), 0);
});

test('request pace – a probe on a connection of its own is answered at once beside a loop on another', (t) => {
  const pace = new RequestPace();
  const loop = new Socket();
  for (let now = 0; now < 2_000; now += 100) pace.take(loop, now, 128);
  t.is(pace.take(new Socket(), 2_000, 128), 0);
});

test('request pace – connections that come anew each time are answered 200 times a second after a burst of 40', (t) => {
  const pace = new RequestPace();
  const waits = Array.from({ length: 140 }, () => pace.take(new Socket(), 1_000, 128));
  t.is(waits.filter((wait) => wait === 0).length, 40);
  t.is(Math.max(...waits), 500);
  t.is(pace.take(new Socket(), 2_000, 128), 0);
});

test('request pace – a flood that has ended delays a probe by what its open connections cost, not by what it asked', (t) => {
  const pace = new RequestPace();
  for (let n = 0; n < 10_000; n++) pace.take(new Socket(), 1_000, 20);
  t.is(pace.take(new Socket(), 1_000, 1), 5);
});
