import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { small } from './world.ts';
import { readXml } from './xml.ts';

const program = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'peerproof.yaml'), small);
const line = '{name: a, request: GET https://orders.example/, expect: {effect: deny, reason: token_missing}}';
writeFileSync(join(folder, 'good.yaml'), `tests: [${line}]`);
writeFileSync(join(folder, 'bad.yaml'), `tests: [${line.replace('token_missing', 'no_rule')}]`);
writeFileSync(join(folder, 'wrong.yaml'), 'tests: {}');
writeFileSync(
  join(folder, 'a.log'),
  '{"effect":"deny","reason":"no_rule","method":"PUT","host":"a","path":"/x"}\n',
);

const run = (...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, 'test', ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

for (const [what, args, code, said] of [
  ['0 if all tests pass', ['good.yaml'], 0, /good\.yaml: 1 test, all passed/],
  ['1 if a test fails', ['good.yaml', 'bad.yaml'], 1, /bad\.yaml:1: failed: a\n/],
  ['1 if too few changes are noticed', ['good.yaml', '--min-noticed', '100'], 1, /no test would notice/],
  ['2 if a file cannot be read', ['nothing.yaml'], 2, /nothing\.yaml:1: cannot be read \(ENOENT\)/],
  ['2 if the log cannot be read', ['--record', 'nothing.log'], 2, /nothing\.log: cannot be used \(ENOENT\)/],
  ['2 if a file is wrong', ['good.yaml', 'wrong.yaml'], 2, /wrong\.yaml:1: tests: must be a list/],
  [
    '2 if there is another configuration that is wrong',
    ['good.yaml', '--config', 'good.yaml'],
    2,
    /good\.yaml:1: /,
  ],
  ['2 without a file', [], 2, /give either files with tests, or --record/],
  [
    '2 for an unknown format',
    ['good.yaml', '--format', 'constructor'],
    2,
    /--format must be one of text, json, github/,
  ],
  ['2 for a share that is none', ['good.yaml', '--min-noticed', '101'], 2, /from 0 to 100/],
  ['2 for an unknown option', ['good.yaml', '--watch'], 2, /--watch/],
] as const)
  test(`command – the exit code is ${what}`, async (t) => {
    const result = await run(...args);
    t.is(result.code, code, result.stderr);
    t.regex(`${result.stdout}${result.stderr}`, said);
  });

test('command – writes JUnit to a file', async (t) => {
  const file = join(folder, 'results.xml');
  await run('good.yaml', '--junit', file);
  t.is(readXml(readFileSync(file, 'utf8'))[0]?.attributes.tests, '1');
});

test('command – a recorded file passes at once', async (t) => {
  const recorded = await run('--record', 'a.log');
  t.is(recorded.stderr, '1 test from 1 decision\n');
  writeFileSync(join(folder, 'recorded.yaml'), recorded.stdout);
  const { stdout, code } = await run('recorded.yaml');
  t.is(code, 0);
  t.is(stdout, 'recorded.yaml: 1 test, all passed\n');
});

test('command – a report that a pipe does not take at once is printed to its end', async (t) => {
  const many = Array.from({ length: 2_000 }, (_, index) => `- ${line.replace('a,', `t${index},`)}`);
  writeFileSync(join(folder, 'many.yaml'), `tests:\n${many.join('\n')}`);
  const { stdout } = await run('many.yaml', '--format', 'json');
  t.true(stdout.length > 262_144);
  t.is((JSON.parse(stdout) as { files: { tests: unknown[] }[] }).files[0]?.tests.length, 2_000);
});
