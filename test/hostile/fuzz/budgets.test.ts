import test from 'ava';
import fc from 'fast-check';
import { budgets, tryBudget } from './budgets.ts';
import { grownText } from './grown.ts';

for (const budget of budgets)
  test.serial(`time budget – ${budget.name}: grown inputs keep within it`, async (t) => {
    const { runs, find } = await tryBudget(budget, 4711, 100);
    t.is(find, undefined, find);
    t.true(runs > 0);
  });

test('time budget – a reader that is quadratic is found', async (t) => {
  t.timeout(120_000);
  const quadratic = (text: unknown) => String(text).replace(/^ +| +$/g, '');
  const slow = { name: 'spaces', inputs: grownText(12_000), work: quadratic, within: 1_000 };
  const { find = '' } = await tryBudget(slow as never, 4711, 60_000);
  t.regex(find, /took \d+ µs/);
});

test('time budget – inputs are as long as the doors allow', (t) => {
  const lengths = fc.sample(grownText(60_000), { seed: 1, numRuns: 50 }).map(({ length }) => length);
  t.is(Math.max(...lengths), 60_001);
  t.true(lengths.filter((length) => length >= 60_000).length > 20);
});
