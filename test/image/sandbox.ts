import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import test from 'ava';
import { findProgram } from '../support/debian-binary.ts';
import { hasProgram } from '../support/debian-test.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';
import { canBuild, imageTest } from './build.ts';
import type { Config } from './layout.ts';

const program = canBuild && (await hasProgram('bwrap')) ? await findProgram('bwrap') : undefined;
const bwrap = program?.path ?? 'bwrap';
const env = { ...process.env, ...program?.env };

/** A test that runs an image, which a machine may forbid: a container often lets nobody have namespaces. */
export const runTest = canSandbox() ? imageTest : test.serial.skip;

function canSandbox(): boolean {
  if (!program) return false;
  const args = ['--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'];
  const { status, stderr } = spawnSync(bwrap, args, { encoding: 'utf8', env });
  if (status === 0) return true;
  if (process.env.CI === 'true') throw new Error(`required in CI: a sandbox: ${stderr}`);
  console.warn(`SKIPPED: this machine makes no sandbox: ${stderr}`);
  return false;
}

/** The user of the image. */
const user = 1000;

/**
 * Runs an unpacked image as an engine does: as its user, as process 1, with its command and environment, with a file system
 * that is only read. It shares only the network.
 *
 * @param mounts folder of this machine by the path at which it can be read
 * @param before a program that starts it, with its arguments
 * @param after arguments behind those of the image
 */
export function runImage(
  root: string,
  { config }: Config,
  mounts: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean>,
  before: readonly string[],
  after: readonly string[],
): Promise<RunningProcess> {
  for (const folder of [root, ...Object.values(mounts)]) chmodSync(folder, 0o755);
  const [uid, gid] = String(config.User).split(':');
  const environment = config.Env.flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return ['--setenv', key, value.join('=')];
  });
  const [command = '', ...args] = [
    ...before,
    // Else the files would belong to the user of the sandbox.
    ...(process.getuid?.() === 0 ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : []),
    ...[bwrap, '--json-status-fd', '2', '--die-with-parent', '--as-pid-1', '--clearenv', ...environment],
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--uid', uid ?? '', '--gid', gid ?? '', '--ro-bind', root, '/'],
    ...Object.entries(mounts).flatMap(([path, folder]) => ['--ro-bind', folder, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev', '--chdir', config.WorkingDir, '--'],
    ...[...config.Entrypoint, ...config.Cmd, ...after],
  ];
  const options = { name: 'the image', command, args, env, readyWithinMs: 60_000, endWithinMs: 20_000 };
  return startProcess({ ...options, ready: isReady });
}

/** The number that process 1 of the sandbox has outside. */
export function pidOf(running: RunningProcess): number {
  return Number(/"child-pid": (\d+)/.exec(running.stderr())?.[1]);
}
