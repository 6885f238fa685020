import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { fromDebian, type Program, type ProgramName } from './debian-binary.ts';
import { installOnce } from './install-once.ts';

const run = promisify(execFile);

const versions: Readonly<Record<ProgramName, readonly [option: string, says: RegExp]>> = {
  nginx: ['-v', /nginx\/\d/],
  promtool: ['--version', /promtool, version \d/],
  caddy: ['version', /^v?\d/],
  'redis-server': ['-v', /Redis server v=\d/],
  bwrap: ['--version', /^bubblewrap \d/],
  skopeo: ['--version', /^skopeo version \d/],
  zsh: ['--version', /^zsh \d/],
  chromium: ['--version', /^Chromium \d/],
  fish: ['--version', /^fish, version \d/],
};

const cache = await mkdtemp(join(tmpdir(), 'peerproof-debian-'));
const installed = new Map<ProgramName, PromiseSettledResult<Program>[]>();

/** Asks twice at once, as two ava workers do, and though the program may be installed. */
async function install(name: ProgramName): Promise<void> {
  const twice = [fromDebian(name, cache), fromDebian(name, cache)];
  installed.set(name, await Promise.allSettled(twice));
}

// As in a container image, where the lists of the packages are deleted.
await writeFile(join(cache, 'apt.conf'), `Dir::State::lists "${join(cache, 'no-lists')}";`);
process.env.APT_CONFIG = join(cache, 'apt.conf');
await install('nginx');

test.after.always(async () => {
  await rm(cache, { recursive: true, force: true });
});

for (const [name, [first, second]] of installed) {
  const absent = first?.status === 'rejected' && process.env.CI !== 'true';
  if (absent) console.warn(`SKIPPED: no packages of Debian on this machine: ${first.reason.message}`);
  const debianTest = absent ? test.skip : test;
  debianTest(`${name} comes from the packages of Debian`, async (t) => {
    if (first?.status !== 'fulfilled') throw first?.reason;
    t.deepEqual(second, first);
    const { path, env } = first.value;
    t.true(path.startsWith(cache));
    const [option, says] = versions[name];
    const { stdout, stderr } = await run(path, [option], { env: { ...process.env, ...env } });
    t.regex(stdout + stderr, says);
    t.is((await readdir(cache)).filter((entry) => entry.startsWith(name)).length, 1, 'a lock is left');
    t.false(
      (await readdir(cache)).some((entry) => entry.startsWith('.installing')),
      'a half one is left',
    );
  });
}

test('Debian packages – an installation that fails leaves nothing, and can be tried again', async (t) => {
  const folder = join(cache, 'other', 'thing');
  const options = { folder, proof: 'file', lockStaleMs: 1_000 };
  const failing = installOnce({ ...options, install: () => Promise.reject(new Error('no network')) });
  await t.throwsAsync(failing, { message: 'no network' });
  await t.throwsAsync(installOnce({ ...options, install: async () => {} }), { code: 'ENOENT' });
  t.deepEqual(await readdir(join(cache, 'other')), []);
});
