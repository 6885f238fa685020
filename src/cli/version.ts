import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readBuild } from '../operate/build.ts';
import { type Command, print } from './command.ts';

/** The same place from `src/cli/` in a clone and from `dist/program/` in the package and in the image. */
const top = new URL('../../', import.meta.url);

export const versionCommand: Command = {
  summary: 'Shows the versions of Peerproof and of Node, and in a clone the commit.',
  usage: ['version'],
  options: {},
  notes: 'peerproof --version does the same. A report of a bug needs these lines.',
  examples: {
    'peerproof version': 'Shows what runs here.',
    'peerproof version | head -n 1': 'Shows only the version of Peerproof.',
    'docker run --rm peerproof:0.1.0 version': 'Shows what an image runs.',
  },
  async run(args) {
    parseArgs({ args, options: {} });
    const { version, node } = readBuild();
    const commit = commitOfClone();
    print(
      [
        `peerproof ${version}`,
        `node ${node} (${process.platform}, ${process.arch})`,
        ...(commit === undefined ? [] : [`commit ${commit}`]),
      ].join('\n'),
    );
    return 0;
  },
};

/**
 * The commit, and `-dirty` if files differ from it. Undefined outside of a clone: there, git would answer for
 * the repository around the package.
 */
function commitOfClone(): string | undefined {
  if (!existsSync(new URL('.git', top))) return undefined;
  const args = ['describe', '--always', '--dirty', '--exclude=*', '--abbrev=12'];
  const { status, stdout } = spawnSync('git', args, {
    ...{ cwd: fileURLToPath(top), encoding: 'utf8', timeout: 5_000 },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : undefined;
}
