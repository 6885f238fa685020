/** Counts the regressions that the comparison shows: `node test/compare/run-regressions.ts 1000`. */
import { missed, seedRegression } from './judged.ts';

const count = Number(process.argv[2] ?? 1_000);
const first = Number(process.argv[3] ?? 0);
const began = performance.now();
const kinds = new Map<string, number>();
const failures: string[] = [];
for (let seed = first; seed < first + count; seed++) {
  const regression = await seedRegression(seed);
  const { kind } = regression;
  const failure = await missed(regression, seed);
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  if (failure !== undefined) {
    failures.push(failure);
    console.log(failure);
  }
}
for (const [kind, number] of [...kinds].toSorted()) console.log(`${String(number).padStart(5)}  ${kind}`);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`${count - failures.length} of ${count} regressions found in ${seconds} s`);
process.exitCode = failures.length > 0 ? 1 : 0;
