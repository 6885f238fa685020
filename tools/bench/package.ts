import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const notCopied = new Set(['node_modules', '.git', 'dist', 'test', 'src']);

/**
 * Makes the package of a checkout in another folder: `npm run build`, and no source. The modules are those of the checkout.
 * @returns the folder
 */
export function buildPackage(checkout: string, directory: string): string {
  const to = join(directory, 'package');
  const copied = (from: string) => from === checkout || !notCopied.has(basename(from));
  cpSync(checkout, to, { recursive: true, filter: copied });
  cpSync(join(checkout, 'src'), join(to, 'src'), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(to, 'node_modules'));
  run(['npm', 'run', '--silent', 'build'], to);
  run(['rm', '-r', 'src'], to);
  return to;
}

function run([command = '', ...args]: readonly string[], cwd: string): void {
  const { status, stderr, stdout, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? stdout + stderr}`);
}
