import { stat } from 'node:fs/promises';
import { fileStamp } from '../lib/file-stamp.ts';

/** The stamps of files as one text. A missing file is part of it. Does **not** read the contents. */
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
