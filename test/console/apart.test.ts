import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { Apart, heapWithin } from '../../src/console/apart.ts';
import type { Job } from '../../src/console/jobs.ts';
import { isRecord } from '../../src/lib/json.ts';
import { Malformed } from '../../src/lib/malformed.ts';

const MEGABYTE = 1_048_576;
const mask: Job = { name: 'mask', source: { file: 'a.yaml', text: 'rules: []\n', files: new Map() } };

test('console, a process apart – its heap fits into the memory that is left', (t) => {
  t.is(heapWithin(64_000 * MEGABYTE), 512);
  // A pod of 512 MiB in which the service has taken 150.
  t.is(heapWithin(362 * MEGABYTE), 149);
  t.true(heapWithin(100 * MEGABYTE) < 32);
});

test('console, a process apart – with too little memory none is started', async (t) => {
  const answer = await new Apart(() => 100 * MEGABYTE).run(mask);
  t.true(answer instanceof Malformed && /memory/.test(answer.why));
});

test('console, a process apart – without a descriptor that is free, it says so and the service lives', async (t) => {
  const program = `
    import { openSync, closeSync } from 'node:fs';
    import { Apart } from ${JSON.stringify(new URL('../../src/console/apart.ts', import.meta.url).href)};
    const apart = new Apart(() => 1_073_741_824);
    const open = [];
    try { for (;;) open.push(openSync('/dev/null')); } catch {}
    const answers = [];
    for (let answer; open.length > 0 && answer?.yaml === undefined; closeSync(open.pop()))
      answers.push(answer = await apart.run(${JSON.stringify({ ...mask, source: { ...mask.source, files: [] } })}));
    console.log(JSON.stringify(answers));`;
  const args = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)('/bin/sh', args);
  const answers: unknown[] = JSON.parse(stdout);
  t.deepEqual(answers[0], { why: 'The process that answers could not be started.' });
  const last = answers.at(-1);
  t.true(isRecord(last) && last.yaml === 'rules: []\n');
});
