import { access, constants, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is to be there, and how it gets there. */
export interface Installation {
  /** Where it will be; the folder above is made where it is missing. */
  folder: string;
  /** The file that says that it is there, within the folder. */
  proof: string;
  /** Fills an empty folder. */
  install: (folder: string) => Promise<void>;
  /** Above the time limit of `install`: a lock this old was left by someone who was killed. */
  lockStaleMs: number;
}

const POLL_MS = 200;

/**
 * Installs where it is not there yet, however many processes ask at once. It happens beside the final folder and is
 * renamed into place: a half-written installation is never seen under the final name.
 */
export async function installOnce({ folder, proof, install, lockStaleMs }: Installation): Promise<void> {
  const done = () => exists(join(folder, proof));
  if (await done()) return;
  await mkdir(dirname(folder), { recursive: true });
  const release = await lock(`${folder}.lock`, lockStaleMs, done);
  try {
    if (!(await done())) await installBeside(folder, proof, install);
  } finally {
    await release();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function installBeside(folder: string, proof: string, install: Installation['install']): Promise<void> {
  const temporary = await mkdtemp(join(dirname(folder), '.installing-'));
  try {
    await install(temporary);
    await access(join(temporary, proof), constants.R_OK);
    await rename(temporary, folder).catch((error: NodeJS.ErrnoException) => {
      // Someone else was first: theirs is the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Lets one process download while the others wait. It only saves downloads: the rename at the end of the installation is
 * what makes concurrent ones harmless, so a lock taken over too early does no damage.
 */
async function lock(
  path: string,
  staleMs: number,
  done: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const end = Date.now() + staleMs;
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
    if (await isAbandoned(path, owner, staleMs)) await rm(path, { recursive: true, force: true });
    else await sleep(POLL_MS);
  }
  return async () => {};
}

async function isAbandoned(path: string, owner: string, staleMs: number): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > staleMs) return true;
    const pid = Number(await readFile(owner, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    // ESRCH: the owner is gone. ENOENT: released meanwhile, or the pid is not written yet; look again.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
