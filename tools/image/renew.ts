/**
 * `node tools/image/renew.ts`: writes tools/image/packages.json with the newest versions that apt has for each kind of
 * processor, and with the Node of package.json. apt checks the signatures of Debian.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openApt } from './apt.ts';
import { execute } from './execute.ts';
import { type DebianPackage, type Packages, packagesFile } from './packages.ts';
import { type Architecture, architectures, platforms } from './platforms.ts';

const top = new URL('../../', import.meta.url);

/** base-files names the release. gcc-12-base holds the licence of the three libraries of GCC. */
const debianNames = ['base-files', 'gcc-12-base', 'libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6'];

/** The newest versions with their hashes. */
export async function newestPackages(): Promise<Packages> {
  const { devDependencies } = JSON.parse(await readFile(new URL('package.json', top), 'utf8'));
  const version: string = devDependencies.node;
  const debian: Partial<Record<Architecture, readonly DebianPackage[]>> = {};
  const integrity: Partial<Record<Architecture, string>> = {};
  for (const architecture of architectures) {
    debian[architecture] = await newestDebian(architecture);
    const name = `${platforms[architecture].nodePackage}@${version}`;
    integrity[architecture] = (await execute('npm', ['view', name, 'dist.integrity'])).trim();
  }
  return { debian, node: { version, integrity } } as Packages;
}

async function newestDebian(architecture: Architecture): Promise<readonly DebianPackage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-apt-'));
  try {
    const apt = await openApt(architecture, folder);
    const found: DebianPackage[] = [];
    for (const name of debianNames) {
      const text = await apt.show(name);
      found.push({ name, version: field(text, 'Version'), sha256: field(text, 'SHA256') });
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function field(text: string, name: string): string {
  const value = new RegExp(`^${name}: (\\S+)$`, 'm').exec(text)?.[1];
  if (!value) throw new Error(`apt gives no ${name} of a package`);
  return value;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeFile(new URL(packagesFile, top), `${JSON.stringify(await newestPackages(), null, 2)}\n`);
