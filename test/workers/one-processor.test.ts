import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { workerOptions } from '../../src/workers/worker-pool.ts';
import { finalStage } from '../../tools/image/dockerfile.ts';

const file = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const [, ...words] = finalStage(file('Dockerfile')).entryPoint;
const always = words.slice(0, -1);

const starts = mkdtempSync(join(tmpdir(), 'peerproof-quota-'));
test.after.always(() => rmSync(starts, { recursive: true }));

/** Runs the entry point of the image with a quota of its own, and a program that prints its arguments in place of ours. */
function start(quota: string | undefined, command: readonly string[] = []): string[] {
  const folder = mkdtempSync(join(starts, 'one-'));
  mkdirSync(join(folder, 'bin'));
  if (quota !== undefined) writeFileSync(join(folder, 'cpu.max'), quota);
  const entry = file('bin/entry.js').replace('/sys/fs/cgroup/cpu.max', join(folder, 'cpu.max'));
  for (const [name, text] of Object.entries({ entry, peerproof: printer }))
    writeFileSync(join(folder, `bin/${name}.js`), text);
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  const args = [process.execPath, ...words, 'serve', '--config', 'a b'];
  const [program = '', ...rest] = [...command, ...args];
  return JSON.parse(execFileSync(program, rest, { cwd: folder, encoding: 'utf8' }));
}

const printer = 'console.log(JSON.stringify([...process.execArgv, ...process.argv.slice(2)]));';

const serve = ['serve', '--config', 'a b'];
const single = ['--single-threaded', ...always, ...serve];
const processors = Number(spawnSync('nproc', { encoding: 'utf8' }).stdout);
const several = processors > 1 ? [...always, ...serve] : single;

for (const [quota, expected] of [
  ['100000 100000\n', single],
  ['50000 100000\n', single],
  ['199999 100000\n', single],
  ['200000 100000\n', several],
  ['max 100000\n', several],
  [undefined, several],
] as const)
  test(`one processor – a quota of ${JSON.stringify(quota)} on ${processors} processors`, (t) => {
    t.deepEqual(start(quota), expected);
  });

test('one processor – a process that is bound to one core', (t) => {
  t.deepEqual(start('max 100000\n', ['taskset', '-c', '0']), single);
});

test('one processor – the debugger stays closed in both', (t) => {
  for (const quota of ['50000 100000', 'max 100000']) t.true(start(quota).includes('--disable-sigusr1'));
});

test('one processor – as many workers as processors get the setting, and fewer do not', (t) => {
  t.deepEqual(workerOptions(2, 2), [...process.execArgv, '--single-threaded']);
  t.deepEqual(workerOptions(2, 3), process.execArgv);
});

test('one processor – the image holds compiled modules for each choice of settings', (t) => {
  const compile = file('tools/trust/compile.sh');
  t.true(compile.includes(`always='${always.join(' ')}'`));
  t.true(compile.includes('for options in "$always" "$always --single-threaded"; do'));
});
