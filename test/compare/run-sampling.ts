/** Samples pairs of random configurations: `node test/compare/run-sampling.ts 200`. */
import { sample } from './sampling.ts';

const count = Number(process.argv[2] ?? 200);
const first = Number(process.argv[3] ?? 0);
let differences = 0;
let missed = 0;
for (let seed = first; seed < first + count; seed++) {
  const sampled = await sample(seed, 400);
  differences += sampled.differences;
  missed += sampled.missed.length;
  for (const text of sampled.missed) console.log(text);
}
console.log(`${count} pairs, ${differences} requests whose verdict differs, ${missed} of them not found`);
process.exitCode = missed > 0 ? 1 : 0;
