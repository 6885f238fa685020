import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { DOWNLOAD_WITHIN_MS, type PackageEnv, packageEnv, unpackPackages } from './debian-package.ts';
import { installOnce } from './install-once.ts';

/** One row a program: what Debian calls its packages, where they put it, and how it says its version. */
const programs = {
  nginx: { packages: ['nginx'], file: 'usr/sbin/nginx', version: '-v' },
  promtool: { packages: ['prometheus'], file: 'usr/bin/promtool', version: '--version' },
  caddy: { packages: ['caddy'], file: 'usr/bin/caddy', version: 'version' },
  // The server is a symbolic link into the tools.
  'redis-server': { packages: ['redis-server', 'redis-tools'], file: 'usr/bin/redis-server', version: '-v' },
  bwrap: { packages: ['bubblewrap'], file: 'usr/bin/bwrap', version: '--version' },
  skopeo: { packages: ['skopeo'], file: 'usr/bin/skopeo', version: '--version' },
  zsh: { packages: ['zsh', 'zsh-common'], file: 'bin/zsh', version: '--version' },
  // On PATH it is a script that becomes the program.
  chromium: { packages: ['chromium'], file: 'usr/lib/chromium/chromium', version: '--version' },
  fish: { packages: ['fish', 'fish-common'], file: 'usr/bin/fish', version: '--version' },
} as const;

export type ProgramName = keyof typeof programs;

/** A program that can be started. */
export interface Program {
  readonly path: string;
  /** To be added to the environment. */
  readonly env: PackageEnv;
}

/** Where a user's PATH often lacks what Debian gives to administrators. */
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const VERSION_WITHIN_MS = 10_000;
/** What was found or why not, once a process. */
const found = new Map<string, Promise<Program | Error>>();

/** Why `findProgram` gave undefined. */
export async function programUnavailableReason(name: ProgramName): Promise<string | undefined> {
  const result = await found.get(name);
  return result instanceof Error ? result.message : undefined;
}

/**
 * A server by its name: from PATH, else from the packages of Debian, unpacked into the user's cache folder on first use.
 * Undefined where none can be had, and then the caller skips loudly; with `CI=true` that is an error instead, because a
 * skipped test there would look like a passed one.
 */
export async function findProgram(name: ProgramName): Promise<Program | undefined> {
  const seeking = found.get(name) ?? locate(name).catch((error: Error) => error);
  found.set(name, seeking);
  const result = await seeking;
  if (!(result instanceof Error)) return result;
  if (process.env.CI === 'true') throw new Error(`${name} is required in CI: ${result.message}`);
  return undefined;
}

async function locate(name: ProgramName): Promise<Program> {
  const path = await onPath(name);
  if (path) return { path, env: {} };
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return fromDebian(name, join(cache, 'peerproof'));
}

async function onPath(name: ProgramName): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ADMIN_FOLDERS];
  for (const folder of folders) {
    const path = join(folder, name);
    const usable = access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && (await usable)) return path;
  }
  return undefined;
}

/** The program from Debian's packages alone, whatever is installed. A cache may serve several releases and machines. */
export async function fromDebian(name: ProgramName, cache: string): Promise<Program> {
  const { packages, file, version } = programs[name];
  const folder = join(cache, `${name}-${await release()}-${process.arch}`);
  await installOnce({
    folder,
    proof: file,
    install: (empty) => unpackPackages(packages, empty),
    lockStaleMs: 4 * DOWNLOAD_WITHIN_MS,
  });
  const program = { path: join(folder, file), env: await packageEnv(folder) };
  // A library that is missing shows here, and not as a server that does not start.
  await promisify(execFile)(program.path, [version], {
    env: { ...process.env, ...program.env },
    timeout: VERSION_WITHIN_MS,
  });
  return program;
}

/** The distribution, such as `debian-12`: a binary of another one would miss its libraries. */
async function release(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (key: string) => new RegExp(`^${key}="?([\\w.]+)"?$`, 'm').exec(text)?.[1];
  return `${value('ID') ?? 'unknown'}-${value('VERSION_ID') ?? value('VERSION_CODENAME') ?? 'rolling'}`;
}
