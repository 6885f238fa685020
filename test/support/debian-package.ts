import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Above what several packages and the lists of a whole release need. */
export const DOWNLOAD_WITHIN_MS = 180_000;

/** What a program needs of its environment to run from where it was unpacked. */
export type PackageEnv = Readonly<Record<string, string>>;

/**
 * Unpacks packages of Debian, with those of their dependencies that this machine lacks, into a folder. Needs no root
 * and installs nothing: no script of a package runs, and the system's package database is only read.
 */
export async function unpackPackages(packages: readonly string[], folder: string): Promise<void> {
  const work = join(folder, '.apt');
  const archives = join(work, 'archives');
  const lists = join(work, 'lists');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  // The system's lists may be missing, as they are in container images, or name packages that are gone by now.
  await download(packages, archives, []).catch(async () => {
    const own = [`Dir::State::lists=${lists}`];
    // A source that does not answer need not be the one with our package: the download says whether it worked.
    await run('apt-get', [...options([...LEAN_UPDATE, ...own]), 'update']).catch(() => undefined);
    await download(packages, archives, own);
  });
  for (const name of await readdir(archives))
    if (name.endsWith('.deb')) await run('dpkg-deb', ['--extract', join(archives, name), folder]);
  await rm(work, { recursive: true });
}

/** Where the unpacked libraries are; empty where the packages brought none. */
export async function packageEnv(folder: string): Promise<PackageEnv> {
  const found: string[] = [];
  for (const lib of [join(folder, 'usr', 'lib'), join(folder, 'lib')])
    for (const name of await readdir(lib).catch((): string[] => []))
      if (name.includes('-linux-')) found.push(join(lib, name), ...(await privateFolders(join(lib, name))));
  return found.length > 0 ? { LD_LIBRARY_PATH: found.join(':') } : {};
}

/**
 * The folders of packages that keep libraries for themselves, such as `pulseaudio`. A library names its folder as it
 * would be on the system, and that is not where it was unpacked.
 */
async function privateFolders(lib: string): Promise<string[]> {
  const folders = (await readdir(lib, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const paths = folders.map(({ name }) => join(lib, name));
  const files = await Promise.all(paths.map((path) => readdir(path)));
  return paths.filter((_, index) => files[index]?.some((name) => /^lib.*\.so(?:\.|$)/.test(name)));
}

/** Only the names of packages are needed, in no other language and without pictures for a software center. */
const LEAN_UPDATE = ['Acquire::Languages=none', 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false'];

const OPTIONS = [
  // The locks and caches of the system belong to root; our folders are our own.
  'Debug::NoLocking=true',
  'Dir::Cache::pkgcache=',
  'Dir::Cache::srcpkgcache=',
  // As root, apt would download as a user who may not enter our folders.
  'APT::Sandbox::User=root',
  'Acquire::Retries=2',
];

function options(more: readonly string[]): string[] {
  return [...OPTIONS, ...more].flatMap((option) => ['-o', option]);
}

/** `--reinstall`: also what is installed, of which apt would otherwise say that there is nothing to do. */
async function download(
  packages: readonly string[],
  archives: string,
  more: readonly string[],
): Promise<void> {
  await run('apt-get', [
    ...options([`Dir::Cache::archives=${archives}`, ...more]),
    ...['install', '--download-only', '--reinstall', '--no-install-recommends', '--yes'],
    ...packages,
  ]);
  const files = await readdir(archives);
  // Of a package that is installed and in no list, apt only says so, and calls it a success.
  const absent = packages.find((name) => !files.some((file) => file.startsWith(`${name}_`)));
  if (absent) throw new Error(`apt-get has no package ${absent}`);
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DOWNLOAD_WITHIN_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2_000);
    });
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.at(-1)} failed (${signal ?? code}): ${stderr.trim()}`));
    });
  });
}
