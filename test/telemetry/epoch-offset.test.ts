import test from 'ava';
import { createEpochOffset } from '../../src/telemetry/epoch-offset.ts';

test('time – parts of a millisecond are kept while the clock agrees', (t) => {
  let now = 0;
  const read = createEpochOffset(
    () => Math.floor(1_000.4 + now),
    () => now,
    1_000.4,
  );
  for (; now < 100; now += 0.37) t.true(Math.abs(read() - 1_000.4) < 1e-6);
});

test('time – it follows a clock that was set, and stays within its millisecond', (t) => {
  let [now, set] = [0, 0];
  const clock = () => Math.floor(1_000.4 + now + set);
  const read = createEpochOffset(clock, () => now, 1_000.4);
  for (const step of [3_600_000, -7_200_000, 0.3, -0.2]) {
    set += step;
    for (let turn = 0; turn < 50; turn++, now += 0.37) {
      const time = read() + now;
      t.true(time > clock() - 1e-6 && time <= clock() + 1 + 1e-6, `${time}`);
    }
  }
});
