import { stat } from 'node:fs/promises';
import { fileStamp } from '../lib/file-stamp.ts';

/** What some files look like, as one text. One that is not there is part of it. Does **not** look at what is in them. */
export async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map(async (path) => {
      try {
        return fileStamp(await stat(path, { bigint: true }));
      } catch (error) {
        return String((error as NodeJS.ErrnoException).code);
      }
    }),
  );
  return stamps.join(';');
}
