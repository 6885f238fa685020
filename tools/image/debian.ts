import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApt } from './apt.ts';
import { execute } from './execute.ts';
import type { Packages } from './packages.ts';
import { pinnedFiles } from './pinned-files.ts';
import type { Architecture } from './platforms.ts';

/** A pinned version that the sources of apt do not have. */
export class PackageGone extends Error {}

/**
 * Unpacks the libraries that Node needs, from packages of Debian. No script of a package runs. Manuals are left out. Each
 * package stays known to programs that look for weaknesses (/var/lib/dpkg/status.d), as in the images of Distroless.
 *
 * @throws a PackageGone, because a mirror of Debian keeps only the newest version
 */
export async function unpackDebian(
  { debian }: Packages,
  architecture: Architecture,
  tree: string,
): Promise<void> {
  const pins = debian[architecture].map((one) => ({ ...one, algorithm: 'sha256', hex: one.sha256 }) as const);
  const files = await pinnedFiles(pins, async (missing, folder) => {
    const apt = await openApt(architecture, join(folder, 'apt'));
    const names = missing.map(({ name, version }) => `${name}=${version}`);
    await apt.download(names, folder).catch((error: Error) => {
      throw new PackageGone(`${gone}\n${error.message}`);
    });
  });
  const status = join(tree, 'var/lib/dpkg/status.d');
  await mkdir(status, { recursive: true });
  for (const [index, file] of files.entries()) {
    await execute('dpkg-deb', ['--extract', file, tree]);
    await writeFile(join(status, pins[index]?.name ?? ''), await execute('dpkg-deb', ['--field', file]));
  }
  await removeManuals(join(tree, 'usr/share'));
  // The only script, and it is for logins.
  await rm(join(tree, 'etc/update-motd.d'), { recursive: true });
  for (const [name, text] of Object.entries(accounts)) await writeFile(join(tree, 'etc', name), text);
}

const gone =
  'apt does not have every version that tools/image/packages.json names. Let APT_CONFIG name a snapshot of Debian, or run: node tools/image/renew.ts';

/** The licences stay. */
async function removeManuals(share: string): Promise<void> {
  for (const name of ['info', 'lintian', 'locale', 'man'])
    await rm(join(share, name), { recursive: true, force: true });
  for (const entry of await readdir(join(share, 'doc'), { withFileTypes: true }))
    if (entry.isDirectory())
      for (const file of await readdir(join(share, 'doc', entry.name)))
        if (file !== 'copyright') await rm(join(share, 'doc', entry.name, file), { recursive: true });
}

/** What the scripts of the packages would have made. The user has no home, because nothing is written. */
const accounts = {
  passwd: 'root:x:0:0:root:/root:/sbin/nologin\nnode:x:1000:1000:node:/nonexistent:/sbin/nologin\n',
  group: 'root:x:0:\nnode:x:1000:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};
