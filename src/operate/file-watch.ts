import { stat } from 'node:fs/promises';

/**
 * What some files look like, as one text that differs when any of them is another: inode, size and times of the file at
 * the end of all links, so that it also shows when Kubernetes turns the symlink of a volume. A file that is not there is
 * part of it. Does **not** look at what is in them.
 */
export async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map(async (path) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
        return [dev, ino, size, mtimeNs, ctimeNs].join();
      } catch (error) {
        return String((error as NodeJS.ErrnoException).code);
      }
    }),
  );
  return stamps.join(';');
}
