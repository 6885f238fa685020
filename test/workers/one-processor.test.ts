import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { workerOptions } from '../../src/workers/worker-pool.ts';

/** bin/peerproof.sh is the entry point of the image, and chooses the settings of V8. */
const script = readFileSync(fileURLToPath(new URL('../../bin/peerproof.sh', import.meta.url)), 'utf8');

/** Runs the script with a quota of its own, and a program that prints its arguments in place of Node. */
function start(quota: string | undefined, command: readonly string[] = []): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-quota-'));
  const file = (name: string) => join(folder, name);
  writeFileSync(file('node'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(file('node'), 0o755);
  if (quota !== undefined) writeFileSync(file('cpu.max'), quota);
  writeFileSync(file('peerproof.sh'), script.replaceAll('/sys/fs/cgroup/cpu.max', file('cpu.max')));
  const [program = '', ...args] = [...command, 'sh', file('peerproof.sh'), 'serve', '--config', 'a b'];
  const env = { ...process.env, NODE: file('node') };
  const said = execFileSync(program, args, { env, encoding: 'utf8' }).trimEnd().split('\n');
  return said.map((one) => one.replace(`${folder}/`, ''));
}

const always = ['--disable-sigusr1', '--max-semi-space-size=8', '--heap-growing-percent=50'];
const serve = ['peerproof.js', 'serve', '--config', 'a b'];
const single = [...always, '--single-threaded', ...serve];
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

test('one processor – as many workers as processors get the setting, and fewer do not', (t) => {
  t.deepEqual(workerOptions(2, 2), [...process.execArgv, '--single-threaded']);
  t.deepEqual(workerOptions(2, 3), process.execArgv);
});

test('one processor – the image holds compiled modules for each choice of settings', (t) => {
  const compile = readFileSync(
    fileURLToPath(new URL('../../tools/trust/compile.sh', import.meta.url)),
    'utf8',
  );
  t.true(compile.includes(`always='${always.join(' ')}'`));
  t.true(compile.includes('for options in "$always" "$always --single-threaded"; do'));
});
