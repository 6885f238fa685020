import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { commands } from '../../src/cli/commands.ts';
import { failureLines } from '../../src/cli/failure.ts';
import { commandHelp } from '../../src/cli/help.ts';
import { goodConfig } from '../support/config-problems.ts';
import { freePort } from '../support/ports.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const run = (...args: string[]) => runProgram(folder, args);

test('command line – version says what runs: Peerproof, Node, and in a clone the commit', async (t) => {
  const version = await run('version');
  t.is(version.code, 0);
  t.regex(
    version.out,
    /^peerproof \d+\.\d+\.\d+\nnode v\d+\.\S+ \(\w+, \w+\)\n(?:commit [0-9a-f]{12}(?:-dirty)?\n)?$/,
  );
  t.deepEqual(await run('--version'), version);
});

for (const [title, args, guess] of [
  ['a command', ['vaildate'], 'unknown command "vaildate"; did you mean "validate"?'],
  ['an option', ['serve', '--confg', 'x'], 'unknown option "--confg"; did you mean "--config"?'],
  ['an option with its value', ['log', '--reson=a'], 'unknown option "--reson"; did you mean "--reason"?'],
] as const)
  test(`command line – ${title} that is misspelled is told with the nearest one`, async (t) => {
    const { code, out, error } = await run(...args);
    t.is(code, 2);
    t.is(out, '');
    t.is(error.split('\n', 1)[0], guess);
  });

test('command line – an unknown name cannot write to the terminal', async (t) => {
  for (const args of [['\x1b[2J'], ['serve', '--\x1b[2J'], ['validate', '\x1b[2J']]) {
    const { code, error } = await run(...args);
    t.is(code, 2);
    t.false(error.includes('\x1b'), JSON.stringify(error));
  }
});

test('command line – help of a command is shown wherever --help stands', async (t) => {
  const help = `${commandHelp(commands.validate!)}\n`;
  for (const args of [
    ['help', 'validate'],
    ['validate', '--strict', '-h'],
    ['validate', '--nothing', '--help'],
  ])
    t.deepEqual(await run(...args), { code: 0, out: help, error: '' });
  t.is((await run('help', 'nothing')).code, 2);
});

test('command line – a flag of oauth2-proxy before -- is told where it belongs, without its value', async (t) => {
  const { code, error } = await run('migrate', 'oauth2-proxy', '--client-secret=hunter2');
  t.is(code, 2);
  t.regex(
    error,
    /--client-secret belongs to oauth2-proxy, so write it after them, as in -- --client-secret=VALUE\n/,
  );
  t.false(error.includes('hunter2'));
});

test('command line – a folder in place of a file is not the answer no', async (t) => {
  writeFileSync(join(folder, 'rules.yaml'), goodConfig());
  const config = ['--config', 'rules.yaml'];
  for (const args of [
    ['explain', ...config, '--check', '.'],
    ['test', ...config, '--record', '.'],
  ]) {
    const { code, error } = await run(...args);
    t.is(code, 2);
    t.regex(error, /^a file:? cannot be (?:read|used) \(EISDIR\)/);
  }
});

test('command line – flags of serve need --issuer', async (t) => {
  writeFileSync(join(folder, 'peerproof.yaml'), goodConfig());
  const { code, error } = await run('serve', '--audience', 'orders');
  t.is(code, 2);
  t.regex(error, /^--audience needs --issuer: /);
});

test('command line – a port in use is told with its setting, its line and a remedy', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const free = await freePort();
  const used = `cannot listen on 127.0.0.1:${port} (EADDRINUSE): another program uses it: stop that program, or set another port\n`;
  const file = (name: string, grpc: number, admin: number, more: string) =>
    writeFileSync(
      join(folder, name),
      `listen:\n  grpc: 127.0.0.1:${grpc}\n  admin: 127.0.0.1:${admin}\n${more}`,
    );
  const tokens = 'tokens: [{hosts: [a], audience: a, file: a}]\n';
  const tail = (text: string) => `${text.trimEnd().split('\n').at(-1)}\n`;

  file('grpc.yaml', port, free, goodConfig());
  const grpc = await run('serve', '--config', 'grpc.yaml');
  t.deepEqual([grpc.code, tail(grpc.error)], [1, `grpc.yaml:2: listen.grpc: ${used}`]);
  file('inject.yaml', free, port, tokens);
  const inject = await run('inject');
  t.deepEqual([inject.code, tail(inject.error)], [1, `inject.yaml:3: listen.admin: ${used}`]);
  const [issuer, listen] = [
    ['--issuer', 'https://login.example.com', '--audience', 'orders'],
    ['--listen-grpc', `127.0.0.1:${port}`, '--listen-admin', `127.0.0.1:${free}`],
  ];
  const flags = await run('serve', ...issuer, ...listen);
  t.deepEqual([flags.code, tail(flags.error)], [1, `command line: --listen-grpc: ${used}`]);
});

test('command line – only a bug shows a stack, and says where to report it', (t) => {
  const missing = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open', path: 'a\nb' });
  t.deepEqual(failureLines(missing), ['a\\u{a}b: cannot be used (ENOENT): there is no such file or folder']);
  const unnamed = Object.assign(new Error('EISDIR: read'), { code: 'EISDIR', syscall: 'read' });
  t.deepEqual(failureLines(unnamed), ['a file: cannot be used (EISDIR): it is a folder']);
  const [stack, hint] = failureLines(new TypeError('x is not a function'));
  t.regex(stack ?? '', /^TypeError: x is not a function\n {4}at /);
  t.regex(hint ?? '', /^This is a bug of peerproof \d\S*\. Please report it/);
});

test('command line – a long report reaches a slow reader whole', async (t) => {
  const rules = Array.from({ length: 1_500 }, (_, at) => `- {name: r${at}, require: {binding: [none]}}\n`);
  writeFileSync(join(folder, 'long.yaml'), goodConfig({ rules: rules.join('') }));
  const program = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
  const line = '"$0" "$1" validate --config long.yaml | { sleep 1; tail -n 1; }';
  const child = spawn('sh', ['-c', line, process.execPath, program], { cwd: folder });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  t.regex(String(Buffer.concat(chunks)), /^long\.yaml: valid: 1 issuers, 1500 rules, version \w+\n$/);
});

test('command line – a reader that ends early is no failure', async (t) => {
  const program = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let error = '';
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.deepEqual([code, error], [0, '']);
});
