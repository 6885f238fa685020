import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { NOW } from '../support/check-world.ts';
import { logLineOf } from '../support/log-lines.ts';
import { corp, foreign, shop, till, world } from '../support/orders-world.ts';
import { startProcess } from '../support/processes.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'peerproof-log-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const claims = goodClaims({ cnf: { 'x5t#S256': shop.thumbprint }, client_id: 'shop' });
const token = corp.sign(claims);
const expired = corp.sign({ ...claims, exp: NOW / 1000 - 600 });
/** The lines that the service writes about these checks. */
const recorded: string[] = [];
for (const presented of [
  { path: '/healthz' },
  { path: '/orders/7', token, certificate: shop },
  { path: '/orders/8', token: expired, certificate: shop },
  { path: '/orders/9', token, certificate: till },
  { path: '/orders/9', token, certificate: till, host: 'orders.\u001b]0;owned\u0007com' },
  { path: '/orders/9', token, certificate: foreign },
  { path: '/orders/9' },
])
  recorded.push((await logLineOf(world, presented)).line);
const file = join(folder, 'recorded.log');
writeFileSync(file, recorded.map((line) => `[pod/peerproof-1/peerproof] ${line}`).join(''));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [binary, 'log', ...args], { timeout: 60_000 });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, error })));
}

test('peerproof log – shows one line per decision, without colours in a pipe', async (t) => {
  const { code, out, error } = await run([file]);
  t.is(code, 0);
  t.is(error, '');
  const lines = out.trimEnd().split('\n');
  t.is(lines.length, recorded.length);
  t.regex(lines[0] ?? '', / allow {7}public GET orders\.example\.com\/healthz rule=health id=\S+ took=/);
  t.regex(lines[2] ?? '', / deny {8}token_expired GET orders\.example\.com\/orders\/8 .*: expired \d{4}-/);
  t.notRegex(out.replaceAll('\n', ''), /\p{C}/u);
});

test('peerproof log – filters, and passes the lines on as they are', async (t) => {
  const wanted = recorded.filter((line) => line.includes('binding_certificate_mismatch'));
  const args = [
    '--json',
    '--deny',
    '--reason',
    'binding_*',
    '--host',
    'orders.example.com',
    '--path',
    '/orders/*',
  ];
  const { code, out } = await run([...args, '--since', '2000-01-01'], recorded.join(''));
  t.is(code, 0);
  t.is(out, wanted.join(''));
  t.is(wanted.length, 1);
});

test('peerproof log – groups and counts', async (t) => {
  const { out } = await run(['--group', '--stats', file]);
  t.regex(out, /^7 decisions from 2\S+ to 2\S+\nallow 28\.6 % {2}deny 71\.4 %\nlatency {2}p50 0\.12/);
  t.regex(out, /\n {9}1 {2}deny token_expired rule=default: expired <time>\n/);
});

test('peerproof log – colours if it is asked to', async (t) => {
  t.true((await run(['--color', 'always', file])).out.includes('\u001b[31mdeny'));
  t.false((await run(['--color', 'never', file])).out.includes('\u001b'));
});

test('peerproof log – misuse is exit code 2, and a file that is not there 1', async (t) => {
  for (const args of [['--since', 'x'], ['--color', 'red'], ['--json', '--stats'], ['--colour']]) {
    const { code, error } = await run([...args, file]);
    t.is(code, 2, error);
  }
  const { code, error } = await run([join(folder, 'nowhere')]);
  t.is(code, 1);
  t.regex(error, /nowhere: cannot be read \(ENOENT\): there is no such file or folder\n$/);
});

test('peerproof log – ends quietly when nobody reads on', async (t) => {
  const many = join(folder, 'many.log');
  writeFileSync(many, recorded.join('').repeat(2_000));
  const child = spawn(process.execPath, [binary, 'log', many], { timeout: 60_000 });
  let error = '';
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.is(code, 0);
  t.is(error, '');
});

test('peerproof log – ^C ends a file that is followed, with exit code 0', async (t) => {
  const child = await startProcess({
    name: 'peerproof log',
    command: process.execPath,
    args: [binary, 'log', '--follow', file],
  });
  await waitFor('the lines', 10_000, () => child.stdout().split('\n').length >= recorded.length);
  child.signal('SIGINT');
  t.deepEqual(await child.ended, { code: 0, signal: null });
});
