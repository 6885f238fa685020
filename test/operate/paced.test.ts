import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { paced } from '../../src/operate/paced.ts';

test('paced – only one runs at a time, and many requests cause only a few runs', async (t) => {
  let [made, underWay, most] = [0, 0, 0];
  const ask = paced(async () => {
    made++;
    most = Math.max(most, ++underWay);
    await sleep(5);
    underWay--;
    return made;
  }, 50);
  const askers = Array.from({ length: 40 }, async () => {
    for (let n = 0; n < 4; n++) await ask();
  });
  await Promise.all(askers);
  t.is(most, 1);
  t.is(made, 4);
});

test('paced – a request never gets a result whose run began before it', async (t) => {
  let value = 0;
  const ask = paced(async () => {
    const seen = value;
    await sleep(5);
    return seen;
  }, 20);
  const first = ask();
  await sleep(1);
  value = 1;
  const second = ask();
  t.is(await first, 0);
  t.is(await second, 1);
});

test('paced – a failure reaches those who waited for it, and the next run is a new one', async (t) => {
  let fails = true;
  const ask = paced(async () => {
    if (fails) throw new Error('once');
    return 'good';
  }, 5);
  await t.throwsAsync(ask(), { message: 'once' });
  fails = false;
  t.is(await ask(), 'good');
});

test('paced – after a run that took long, the pause is four times as long', async (t) => {
  const runs: { readonly began: number; readonly ended: number }[] = [];
  const ask = paced(async () => {
    const began = performance.now();
    await sleep(50);
    runs.push({ began, ended: performance.now() });
  }, 1);
  await ask();
  await ask();
  const [first, second] = runs;
  if (!first || !second) return t.fail();
  // A timer never ends more than a millisecond early.
  t.true(second.began - first.ended >= 4 * (first.ended - first.began) - 4, JSON.stringify(runs));
});
