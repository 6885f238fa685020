import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Architecture } from './platforms.ts';

/** Asks apt about one kind of processor, in lists of its own. */
export interface Apt {
  /** Puts the file of each package into a folder. @throws if a package is not in the sources */
  download(packages: readonly string[], folder: string): Promise<void>;
  /** The fields of the newest version. */
  show(name: string): Promise<string>;
}

/**
 * An apt that needs no root, and neither reads nor changes what is installed. It reads the sources of this machine, or those
 * that the variable APT_CONFIG names, and checks their signatures.
 *
 * @param folder where its lists go
 */
export async function openApt(architecture: Architecture, folder: string): Promise<Apt> {
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await mkdir(join(folder, 'archives/partial'), { recursive: true });
  const options = [
    `Dir::State=${folder}`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${folder}`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Debug::NoLocking=true',
    // As root, apt would download as a user who may not enter our folders.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  // A source that does not answer need not be the one with our packages: the download says whether it worked.
  await execute('apt-get', [...options, 'update']).catch(() => undefined);
  return {
    download: async (packages, cwd) => {
      await execute('apt-get', [...options, 'download', ...packages], { cwd });
    },
    show: (name) => execute('apt-cache', [...options, 'show', '--no-all-versions', name]),
  };
}
