import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { type Built, buildImage, type Order } from '../../tools/image/build.ts';
import { PackageGone } from '../../tools/image/debian.ts';
import { newestPackages } from '../../tools/image/renew.ts';

const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
const missing = ['apt-get', 'dpkg-deb', 'git', 'gzip'].filter(
  (program) => spawnSync(program, ['--version']).error,
);
const isDebian = /^ID=debian$/m.test(release) && /^VERSION_CODENAME=bookworm$/m.test(release);
if (isDebian && missing.length > 0 && process.env.CI === 'true')
  throw new Error(`required in CI: ${missing.join(', ')}`);

/** Whether this machine has the tools and the packages of an image: those of one release of Debian. */
export const canBuild = isDebian && missing.length === 0;
if (!canBuild)
  console.warn('SKIPPED: an image is made of packages of Debian 12, and this machine is another one');

/** A test that needs an image. */
export const imageTest = canBuild ? test.serial : test.serial.skip;

/**
 * Builds with the pinned packages, and with the newest ones where Debian no longer has those: a release of Debian must not make
 * the test fail. Then it says so.
 */
export async function build(order: Order): Promise<Built> {
  try {
    return await buildImage(order);
  } catch (error) {
    if (!(error instanceof PackageGone)) throw error;
    console.warn(`THE PINNED PACKAGES ARE GONE, and the newest are tested instead. ${error.message}`);
    return await buildImage({ ...order, packages: await newestPackages() });
  }
}
