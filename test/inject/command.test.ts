import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openCheckClient } from '../support/check-client.ts';
import { fetchPage } from '../support/peerproof.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';
import { waitFor, withDeadline } from '../support/wait.ts';
import { mint, tokenFolder } from './token-files.ts';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const folder = tokenFolder();
test.after.always(() => folder.remove());

const run = (...args: string[]) => runCommand('inject', ...args);

function runCommand(...args: string[]): Promise<{ code: number | null; error: string }> {
  const child = spawn(process.execPath, [binary, ...args], { cwd: folder.path, timeout: 120_000 });
  let error = '';
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, error })));
}

test('command – a configuration with problems: exit code 1 and lines; misuse: 2', async (t) => {
  writeFileSync(join(folder.path, 'bad.yaml'), 'tokens:\n- hosts: [a]\n  audience: 7\n  file: a\n');
  t.deepEqual(await run('--config', 'bad.yaml'), {
    code: 1,
    error: 'bad.yaml:3: tokens[0].audience: must be a string\n',
  });
  t.deepEqual(await run(), {
    code: 1,
    error:
      'inject.yaml:1: cannot be read (ENOENT): there is no such file or folder\n--config FILE names another file.\n',
  });
  t.is((await run('--audience', 'a')).code, 2);
});

test('command – validate --inject finds the same problems, and none in a valid file', async (t) => {
  writeFileSync(join(folder.path, 'wrong.yaml'), 'tokens:\n- hosts: [a]\n  audience: a\n  fil: a\n');
  const { code, error } = await runCommand('validate', '--inject', '--config', 'wrong.yaml');
  t.is(code, 1);
  t.regex(error, /^wrong\.yaml:4: tokens\[0\]\.fil: is not a setting; settings here: .*\bfile\b/m);
  writeFileSync(join(folder.path, 'right.yaml'), 'tokens:\n- hosts: [a]\n  audience: a\n  file: a\n');
  t.deepEqual(await runCommand('validate', '--inject', '--config', 'right.yaml'), { code: 0, error: '' });
});

test('command – token files beside the configuration; SIGTERM drains, and the log is whole', async (t) => {
  const [grpcPort, adminPort] = [await freePort(), await freePort()];
  const token = mint();
  writeFileSync(join(folder.path, 'token'), `${token}\n`);
  writeFileSync(
    join(folder.path, 'running.yaml'),
    `listen: {grpc: "127.0.0.1:${grpcPort}", admin: "127.0.0.1:${adminPort}"}
drain: {delay: 4s, timeout: 2s}
tokens:
- {hosts: [orders], audience: orders, file: token}
`,
  );
  const child = await startProcess({
    name: 'peerproof inject',
    command: process.execPath,
    args: [binary, 'inject', '--config', join(folder.path, 'running.yaml')],
    ready: () =>
      fetchPage(adminPort, '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      ),
  });
  const grpc = openCheckClient(grpcPort);
  try {
    const check = { attributes: { request: { http: { method: 'GET', host: 'orders', path: '/' } } } };
    const ask = async () => (await grpc.check(check)).okResponse.headers[0].header.value;
    t.is(await ask(), `Bearer ${token}`);
    child.signal('SIGTERM');
    await waitFor('the drain', 3_000, async () => (await fetchPage(adminPort, '/readyz')).status === 503);
    t.is(await ask(), `Bearer ${token}`);
    t.deepEqual(await withDeadline('the end', 5_000, child.ended), { code: 0, signal: null });
    const lines = child.stdout().split('\n');
    t.is(lines.filter((line) => line.includes('"reason":"injected"')).length, 2);
    t.regex(lines.at(-1) ?? '', /"event":"stopped"/);
    t.false(child.stdout().includes(token.slice(-40)));
    t.is(child.stderr(), '');
  } finally {
    grpc.close();
    await child.stop();
  }
});
