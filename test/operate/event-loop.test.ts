import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { EventLoop } from '../../src/operate/event-loop.ts';
import { waitFor } from '../support/wait.ts';

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test.serial('event loop – a delay is measured, and a single pause does not mean too busy', async (t) => {
  const loop = new EventLoop();
  loop.start(() => 200);
  t.teardown(() => loop.stop());
  await sleep(100);
  block(600);
  await waitFor('a reading', 5_000, () => loop.delay.max > 0);
  t.true(loop.delay.max >= 0.4, `${loop.delay.max}`);
  t.false(loop.tooBusy);
});

test.serial(
  'event loop – three busy seconds in a row mean too busy, and one quiet second ends it',
  async (t) => {
    const loop = new EventLoop();
    // Far above what others on the machine can do to the mean of a second.
    loop.start(() => 200);
    t.teardown(() => loop.stop());
    for (let began = performance.now(); !loop.tooBusy && performance.now() - began < 60_000; ) {
      block(600);
      await sleep(1);
    }
    t.true(loop.tooBusy);
    await waitFor('a quiet second', 10_000, () => !loop.tooBusy);
  },
);
