import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Registry } from 'prom-client';
import { startAdminServer } from '../../src/operate/admin-server.ts';
import { askPort, consolePaths, rules, startConsole } from '../support/console-world.ts';
import { configText } from '../support/peerproof.ts';

const everywhere = { listen: { admin: '0.0.0.0:0' } };
const secret = 'correct horse battery staple';
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

const folder = mkdtempSync(join(tmpdir(), 'peerproof-console-'));
test.after.always(() => rmSync(folder, { recursive: true }));

function passwordFile(text = `${secret}\n`): string {
  const file = join(mkdtempSync(join(folder, 'one-')), 'password');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('console – on a loopback address, it is open to this machine', async (t) => {
  const { ask } = await startConsole(t);
  for (const path of consolePaths.filter((one) => !one.endsWith('explain')))
    t.is((await ask(path)).status, 200, path);
  for (const host of ['localhost:9003', '127.0.0.1', '127.1.2.3:80', '[::1]:9003', 'LOCALHOST'])
    t.is((await ask('/console', { headers: { host } })).status, 200, host);
});

test('console – a name that was made to mean this machine is refused (DNS rebinding)', async (t) => {
  const { ask } = await startConsole(t);
  const hosts = [
    'evil.example',
    'evil.example:9003',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ];
  for (const host of [...hosts, 'localhost@evil.example', '127.0.0.1:x'])
    for (const path of consolePaths)
      t.is((await ask(path, { headers: { host } })).status, 403, `${host} ${path}`);
});

test('console – a request that another site caused is refused', async (t) => {
  const { ask } = await startConsole(t);
  for (const site of ['cross-site', 'same-site', 'x'])
    for (const path of consolePaths)
      t.is((await ask(path, { headers: { 'sec-fetch-site': site } })).status, 403, `${site} ${path}`);
  for (const site of ['same-origin', 'none'])
    t.is((await ask('/console', { headers: { 'sec-fetch-site': site } })).status, 200, site);
});

test('console – on another address and without a password, every path is unknown', async (t) => {
  const { ask } = await startConsole(t, everywhere);
  const unknown = await ask('/nothing');
  for (const path of [...consolePaths, '/console/', '/console/x'])
    for (const method of ['GET', 'POST']) {
      const { status, body, headers } = await ask(path, { method, headers: { host: '127.0.0.1' } });
      t.deepEqual(
        [status, body, headers['content-type']],
        [404, unknown.body, unknown.headers['content-type']],
      );
    }
  t.is((await ask('/healthz')).status, 200);
  t.notRegex((await ask('/readyz')).body, /failure|refused/);
});

test('console – a reload that names a loopback address opens nothing: the port is still the old one', async (t) => {
  const { ask, reload, lines } = await startConsole(t, everywhere);
  await reload(configText({ rules: [rules[0]!] }));
  t.true(lines.some((line) => line.includes('restart_needed')));
  for (const path of consolePaths) t.is((await ask(path)).status, 404, path);
});

test('console – it can be turned off', async (t) => {
  const { ask, reload } = await startConsole(t, { console: { enabled: false } });
  for (const path of consolePaths) t.is((await ask(path)).status, 404, path);
  await reload(configText({ rules: [rules[0]!] }));
  t.is((await ask('/console')).status, 200);
});

test('console – without the console of the command, its paths are unknown', async (t) => {
  const admin = await startAdminServer(
    { host: '127.0.0.1', port: 0 },
    () => ({ ready: true, state: 'serving', issuers: {} }),
    new Registry(),
  );
  t.teardown(() => admin.close());
  for (const path of consolePaths) t.is((await askPort(admin.port, path)).status, 404, path);
});

test('console – with a password file, each path asks for the password, on every address', async (t) => {
  for (const listen of [everywhere, {}]) {
    const { ask } = await startConsole(t, { ...listen, console: { passwordFile: passwordFile() } });
    for (const path of consolePaths) {
      const { status, headers } = await ask(path);
      t.is(status, 401, path);
      t.regex(String(headers['www-authenticate']), /^Basic realm=/);
    }
    const headers = { host: 'peerproof.example', ...basic(`peerproof:${secret}`) };
    t.is((await ask('/console', { headers })).status, 200);
    t.is((await ask('/console/api/state', { headers })).status, 200);
    t.is((await ask('/console', { headers: { ...headers, 'sec-fetch-site': 'cross-site' } })).status, 403);
  }
});

test('console – after its file has changed, the new password counts and the old one does not', async (t) => {
  const file = passwordFile();
  const config = { ...everywhere, console: { passwordFile: file } };
  const { ask, reload } = await startConsole(t, config);
  const [old, next] = [secret, `another ${secret}`];
  const statusOf = async (password: string) =>
    (await ask('/console', { headers: basic(`peerproof:${password}`) })).status;
  t.deepEqual([await statusOf(old), await statusOf(next)], [200, 401]);
  writeFileSync(file, `${next}\n`);
  await reload(configText({ rules: [rules[0]!], ...config }));
  t.deepEqual([await statusOf(old), await statusOf(next)], [401, 200]);
});

test('console – a wrong user or password is refused', async (t) => {
  const { ask } = await startConsole(t, { ...everywhere, console: { passwordFile: passwordFile() } });
  const wrong = [
    basic('peerproof:'),
    basic(`Peerproof:${secret}`),
    basic(`peerproof:${secret} `),
    basic(`peerproof:${secret.slice(1)}`),
    basic(secret),
    { authorization: `Bearer ${secret}` },
    { authorization: 'Basic' },
  ];
  const statuses = await Promise.all(
    wrong.map(async (headers) => (await ask('/console', { headers })).status),
  );
  t.deepEqual(
    statuses,
    wrong.map(() => 401),
  );
});

test('console – a short password is refused when the configuration is loaded, and is not printed', async (t) => {
  const file = passwordFile('only-15-letters');
  const error = await t.throwsAsync(startConsole(t, { console: { passwordFile: file } }));
  t.regex(String(error), /console\.passwordFile.*15 characters: it must have 16 to 1024/);
  t.notRegex(String(error), /only-15-letters/);
  await t.throwsAsync(startConsole(t, { console: { passwordFile: '/nowhere/password' } }), {
    message: /cannot be read \(ENOENT\)/,
  });
});
