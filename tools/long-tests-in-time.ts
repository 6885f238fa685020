/**
 * `node tools/long-tests-in-time.ts --seconds NUMBER --seed TEXT`: runs as many files of `npm run test:long` as fit into a
 * time. Prints one line for each file, and the whole output of one that fails. Exit code 1 if one fails, or if none ran.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { longTests } from './long-tests.ts';
import { runAva } from './run-ava.ts';
import { readTimeBox, TimeBox, timeBoxFlags } from './time-box.ts';

const top = fileURLToPath(new URL('..', import.meta.url));
/** As many as `ava.config.js` runs at once: most of them wait for another program. */
const lanes = availableParallelism() + 3;

/** What ava says at the end: how many tests passed, failed and were skipped. */
const summaryOf = (output: string) =>
  [...output.matchAll(/^ *(\d+ tests? (?:passed|failed|skipped))/gm)].map(([, text]) => text).join(', ');

const waiting = new TimeBox(
  longTests,
  (file) => file,
  readTimeBox(parseArgs({ options: timeBoxFlags }).values),
);
let passed = 0;
let failed = 0;
async function runEach(): Promise<void> {
  for (let file = waiting.next(); file; file = waiting.next()) {
    const began = performance.now();
    const { code, output } = await runAva(top, ['--config', 'long.config.js', file]);
    if (code === 0) passed++;
    else failed++;
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${file} (${summaryOf(output)}, ${seconds} s)`);
    if (code !== 0) console.log(output);
  }
}
await Promise.all(Array.from({ length: lanes }, runEach));
console.log(`long tests: ${passed} of ${longTests.length} files passed, ${failed} failed`);
if (waiting.left.length > 0) console.log(`no time was left for: ${waiting.left.join(', ')}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
