import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * Reads a regular file as UTF-8. Does not block: a pipe would wait for its writer, and all checks with it.
 * @param most bytes
 * @throws the error of the system, and else an Error that is safe to log: it is no regular file, or too large
 */
export function readBounded(path: string, most: number): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const about = fstatSync(file);
    if (!about.isFile())
      throw Object.assign(new Error('is not a regular file'), about.isDirectory() && { code: 'EISDIR' });
    if (about.size > most) throw new Error(`is larger than ${most} bytes`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
