import { costOf } from './cpu.ts';
import { allRows } from './inputs.ts';

const word = process.argv[2] ?? '';
for (const { input, door, upTo, token, cases } of allRows) {
  if (!`${door} ${input}`.includes(word)) continue;
  let worst = 0;
  let at = '';
  let reason = '';
  for (const [shape, run] of cases()) {
    const cost = await costOf(run, 5);
    if (cost > worst) {
      worst = cost;
      at = shape;
      reason = await run();
    }
  }
  console.log(
    `${door.padEnd(12)} ${input.padEnd(50)} ${upTo.padEnd(18)} ${token.padEnd(6)} ${worst.toFixed(0).padStart(8)} µs  ${at} → ${reason}`,
  );
}
