import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type Arriving, Intake } from '../../src/http2/intake.ts';
import { waitFor } from '../support/wait.ts';

/** A message whose sender does what the test says. */
class Half implements Arriving {
  paused = false;
  given = '';
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  giveUp(why: string): void {
    this.given = why;
  }
}

const bounds = {
  bytes: 1_000,
  messages: 1_000,
  heads: 1_000_000,
  window: 100,
  patience: 60_000,
  stall: 60_000,
};

function begin(intake: Intake, count: number): Half[] {
  return Array.from({ length: count }, () => {
    const half = new Half();
    intake.begin(half, {});
    return half;
  });
}

test('intake – it never holds more bytes than its limit', (t) => {
  const intake = new Intake(bounds);
  const halves = begin(intake, 50);
  for (let round = 0; round < 20; round++)
    for (const half of halves)
      if (half.given === '' && !half.paused) {
        intake.grow(half, 90);
        t.true(intake.bytes <= bounds.bytes, `${intake.bytes}`);
      }
  t.true(halves.some(({ given }) => given.includes('incomplete messages is full')));
  for (const half of halves) intake.end(half);
  t.is(intake.bytes, 0);
});

test('intake – beyond half of the room the others wait for the oldest, and go on in their order', (t) => {
  const intake = new Intake(bounds);
  const [first, second, third] = begin(intake, 3) as [Half, Half, Half];
  intake.grow(first, 400);
  intake.grow(second, 150);
  intake.grow(third, 10);
  intake.grow(first, 100);
  t.deepEqual([first.paused, second.paused, third.paused], [false, true, true]);
  intake.end(first);
  t.deepEqual([second.paused, third.paused], [false, false]);
  t.is(intake.bytes, 160);
});

test('intake – when the room is full the oldest message is given up: incomplete messages do not keep out complete ones', (t) => {
  const intake = new Intake(bounds);
  const [oldest, ...others] = begin(intake, 9);
  for (const half of [oldest as Half, ...others]) intake.grow(half, 60);
  intake.grow(oldest as Half, 450);
  const [late] = begin(intake, 1) as [Half];
  intake.grow(late, 60);
  t.not(oldest?.given, '');
  t.is(late.given, '');
});

test('intake – heads have a room of their own: when it is full the oldest message is given up, and none has to wait', (t) => {
  const intake = new Intake({ ...bounds, heads: 100_000 });
  const large = () => {
    const one = new Half();
    intake.begin(one, { a: 'x'.repeat(10_000), b: ['y'.repeat(4_000), 'z'.repeat(1_000)] });
    return one;
  };
  const halves = Array.from({ length: 10 }, large);
  const given = halves.filter(({ given }) => given.includes('heads without messages'));
  t.deepEqual(given, halves.slice(0, 7));
  const last = halves.at(-1) as Half;
  intake.grow(last, 10);
  t.false(last.paused);
  for (const half of halves) intake.end(half);
  // All of the room is there again.
  t.deepEqual(
    [large(), large(), large()].map(({ given }) => given),
    ['', '', ''],
  );
});

test('intake – of too many messages that are not whole the oldest is given up', (t) => {
  const intake = new Intake({ ...bounds, messages: 10 });
  const halves = begin(intake, 12);
  t.deepEqual(
    halves.filter(({ given }) => given.includes('heads without messages')),
    halves.slice(0, 2),
  );
});

test('intake – a message that makes no progress while others wait is given up', async (t) => {
  const intake = new Intake({ ...bounds, stall: 30 });
  const [still, waiting] = begin(intake, 2) as [Half, Half];
  intake.grow(still, 600);
  intake.grow(waiting, 10);
  t.true(waiting.paused);
  await waitFor('the end of it', 5_000, () => still.given !== '');
  t.regex(still.given, /stood still/);
  t.false(waiting.paused);
  t.is(waiting.given, '');
});

test('intake – a slow message is accepted while no other waits, until its time limit', async (t) => {
  const intake = new Intake({ ...bounds, stall: 10, patience: 150 });
  const [slow] = begin(intake, 1) as [Half];
  intake.grow(slow, 600);
  await sleep(50);
  t.is(slow.given, '');
  await waitFor('the end of it', 5_000, () => slow.given !== '');
  t.regex(slow.given, /not complete after/);
  t.is(intake.bytes, 0);
});

// Alone: it holds up every test of this file.
test.serial('intake – time in which the process itself was held up is not counted', async (t) => {
  const intake = new Intake({ ...bounds, stall: 50, patience: 400 });
  const [slow] = begin(intake, 1) as [Half];
  intake.grow(slow, 600);
  const end = performance.now() + 1_000;
  while (performance.now() < end);
  // Timers come before what arrived meanwhile is read.
  await sleep(1);
  t.is(slow.given, '');
  await waitFor('the end of it', 5_000, () => slow.given !== '');
  t.regex(slow.given, /not complete after/);
});

test('intake – a message that ends twice, or never began, counts once or not at all', (t) => {
  const intake = new Intake(bounds);
  const [one] = begin(intake, 1) as [Half];
  intake.grow(one, 10);
  intake.end(one);
  intake.end(one);
  intake.grow(one, 10);
  intake.grow(new Half(), 10);
  t.is(intake.bytes, 0);
});
