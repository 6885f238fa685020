import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { startProgress } from '../../src/cli/progress.ts';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

/** util-linux has it. It runs a program in a pseudo terminal. */
const terminalTest = spawnSync('script', ['--version']).status === 0 ? test : test.skip;

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) > 0 };
}

test('progress – a terminal sees how far long work is, ten times a second, and nothing at its end', (t) => {
  let now = 0;
  const output = terminal(true);
  const progress = startProgress('testing', output, () => now, {});
  progress.step('changes', 1);
  t.deepEqual(output.written, []);
  now = 1_000;
  progress.step('changes', 2);
  progress.step('changes', 3);
  now = 1_100;
  progress.step('rules', 4, 9);
  progress.end();
  now = 5_000;
  progress.step('rules', 5, 9);
  t.deepEqual(output.written, ['\r\x1b[Kchanges: 2 …', '\r\x1b[Krules: 4 of 9 …', '\r\x1b[K']);
});

test('progress – a line that must make room comes back with the next step', (t) => {
  let now = 1_000;
  const output = terminal(true);
  const progress = startProgress('testing', output, () => now, {});
  progress.clear();
  now = 3_000;
  progress.step('rules', 1);
  progress.clear();
  progress.clear();
  now = 4_000;
  progress.step('rules', 2);
  progress.end();
  t.deepEqual(output.written, ['\r\x1b[Krules: 1 …', '\r\x1b[K', '\r\x1b[Krules: 2 …', '\r\x1b[K']);
});

test('progress – short work, a file, a pipe, a CI system and a terminal without a cursor get nothing', (t) => {
  const short = terminal(true);
  startProgress('testing', short, () => 0, {}).end();
  t.deepEqual(short.written, []);
  for (const [isTTY, environment] of [
    [false, {}],
    [true, { CI: 'true' }],
    [true, { TERM: 'dumb' }],
  ] as const) {
    let now = 0;
    const output = terminal(isTTY);
    const progress = startProgress('testing', output, () => now, environment);
    now = 5_000;
    progress.step('changes', 1);
    progress.end();
    t.deepEqual(output.written, []);
  }
});

for (const [command, shown, ...options] of [
  ['suggest', 'reading the log …', '-'],
  ['explain', 'explaining …', '--log', '-'],
] as const)
  terminalTest(
    `progress – ${command} shows a line in a terminal while it waits for the log, and removes it`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'peerproof-progress-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      const config = join(folder, 'peerproof.yaml');
      writeFileSync(config, 'rules: [{name: health, match: {paths: [/healthz]}, public: true}]\n');
      const [log, out] = [join(folder, 'log'), join(folder, 'out')];
      execFileSync('mkfifo', [log]);
      const words = [process.execPath, binary, command, '--config', config, ...options];
      // A pseudo terminal for everything but the log and the answer.
      const script = spawn('script', ['-qec', `${words.join(' ')} <${log} >${out}`, '/dev/null'], {
        env: { ...process.env, CI: '', TERM: 'xterm' },
        timeout: 60_000,
      });
      t.teardown(() => script.kill());
      let seen = '';
      // The log arrives only when the line is there.
      const writer = createWriteStream(log);
      script.stdout.setEncoding('utf8').on('data', (chunk) => {
        seen += chunk;
        if (seen.includes(shown) && !writer.writableEnded)
          writer.end('{"decision_id":"1","effect":"deny","reason":"no_rule"}\n');
      });
      await new Promise((resolve) => script.once('close', resolve));
      t.true(seen.includes(`\r\x1b[K${shown}\r\x1b[K`), JSON.stringify(seen));
      t.false(readFileSync(out, 'utf8').includes('\x1b'));
    },
  );
