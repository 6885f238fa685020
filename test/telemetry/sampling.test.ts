import test from 'ava';
import type { ParentSpan } from '../../src/telemetry/parent.ts';
import { createSampling } from '../../src/telemetry/sampling.ts';

const parent = (sampled: boolean): ParentSpan => ({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  ...{ sampled, state: undefined },
});

const never = () => {
  throw new Error('the time is not needed');
};

test('sampling – the flag of a parent decides, and not the share', (t) => {
  t.is(createSampling({ sample: 0, maxPerSecond: 1 }, () => 0)(parent(true)), 'follow');
  t.is(createSampling({ sample: 1, maxPerSecond: 1 }, never)(parent(false)), 'leave');
});

test('sampling – without a parent, the share decides', (t) => {
  const choose = (sample: number, random: number) =>
    createSampling(
      { sample, maxPerSecond: 1 },
      () => 0,
      () => random,
    )(undefined);
  t.is(choose(0, 0), 'leave');
  t.is(choose(0.25, 0.249), 'follow');
  t.is(choose(0.25, 0.25), 'leave');
  t.is(choose(1, 0.999), 'follow');
});

test('sampling – no more than the bound are followed in a second, whatever their parents say', (t) => {
  let now = 0;
  const choose = createSampling({ sample: 1, maxPerSecond: 10 }, () => now);
  const followed = (ms: number) => {
    let count = 0;
    for (let at = 0; at < ms; at++, now++) if (choose(parent(true)) === 'follow') count++;
    return count;
  };
  // Those that were saved up, and those of the second itself.
  t.is(followed(1_000), 19);
  t.is(followed(1_000), 10);
  t.is(choose(parent(true)), 'follow');
  t.is(choose(undefined), 'too_many');
  now += 3_600_000;
  t.is(followed(100), 10);
});

test('sampling – a check that is left alone takes no room', (t) => {
  const choose = createSampling({ sample: 0, maxPerSecond: 1 }, () => 0);
  for (let check = 0; check < 100; check++) t.is(choose(parent(false)), 'leave');
  t.is(choose(parent(true)), 'follow');
  t.is(choose(parent(true)), 'too_many');
});
