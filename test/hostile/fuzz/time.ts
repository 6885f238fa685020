import { randomInt } from 'node:crypto';
import { budgets, tryBudget } from './budgets.ts';

/**
 * `FUZZ_SECONDS=40 node test/hostile/fuzz/time.ts`: looks for an input that costs more than it may, in every reader of what
 * callers send. Ends with 1 where there is one; FUZZ_SEED and FUZZ_TARGET repeat it.
 */
const { FUZZ_SECONDS = '40', FUZZ_SEED, FUZZ_TARGET = '' } = process.env;
const seed = FUZZ_SEED === undefined ? randomInt(2 ** 31) : Number(FUZZ_SEED);
const chosen = budgets.filter(({ name }) => name.startsWith(FUZZ_TARGET));
let total = 0;
for (const budget of chosen) {
  const { runs, find } = await tryBudget(budget, seed, (Number(FUZZ_SECONDS) * 1_000) / chosen.length);
  total += runs;
  console.log(`${budget.name.padEnd(28)} ${String(runs).padStart(6)} inputs within ${budget.within} µs`);
  if (find !== undefined) {
    console.error(
      `FIND ${find}\nagain: FUZZ_SEED=${seed} FUZZ_TARGET='${budget.name}' node test/hostile/fuzz/time.ts`,
    );
    process.exitCode = 1;
  }
}
console.log(`time budgets: ${total} inputs, seed ${seed}`);
if (total < chosen.length * 5) process.exitCode = 1;
