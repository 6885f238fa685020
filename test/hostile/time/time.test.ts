import test from 'ava';
import { overBudget } from './cpu.ts';
import { allRows } from './inputs.ts';

/** Microseconds of processor time that one caller may take from another one. */
const budget = 20_000;

for (const { door, input, upTo, token, cases } of allRows) {
  if (upTo.includes('past Envoy')) continue;
  test.serial(
    `time – ${door}, ${input}, ${upTo}, token ${token}: each shape is within the budget`,
    async (t) => {
      const over: string[] = [];
      let shapes = 0;
      for (const [shape, run] of cases()) {
        shapes++;
        const cost = await overBudget(run, budget);
        if (cost !== undefined) over.push(`${shape}: ${Math.round(cost)} µs`);
      }
      t.true(shapes > 0);
      t.deepEqual(over, []);
    },
  );
}

test('time – what is over a budget is noticed, and what waits is not', async (t) => {
  // Far longer than a tick of the slowest processor clock, and by that clock: the wall clock also moves while others run.
  const busy = () => {
    const began = process.threadCpuUsage();
    const spent = () => Object.values(process.threadCpuUsage(began)).reduce((sum, one) => sum + one, 0);
    while (spent() < 30_000);
  };
  t.true(((await overBudget(busy, 1_000)) ?? 0) > 1_000);
  t.is(await overBudget(() => new Promise((resolve) => setTimeout(resolve, 5)), 1_000), undefined);
});
