import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { codeAndCause } from '../../lib/file-causes.ts';
import { mostBytes } from './accept.ts';

/**
 * Reads the file of a team. It must be a plain file in the folder, or a link to one in it, as Kubernetes
 * mounts them. Reads no more than a team may write, and waits for nobody.
 * @throws Error with a message for the team
 */
export function readTeamFile(folder: string, name: string): string {
  try {
    return readWithin(folder, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`cannot be read ${codeAndCause(code)}`);
  }
}

function readWithin(folder: string, name: string): string {
  const real = realpathSync(join(folder, name));
  const within = join(realpathSync(folder), sep);
  if (!real.startsWith(within))
    throw new Error('is a link that leads out of its folder: put the file itself there');
  // A pipe would keep us waiting, and the last part could have become a link by now.
  const file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(file).isFile()) throw new Error('must be a file');
    const bytes = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
