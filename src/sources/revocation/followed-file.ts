import type { Revocation } from '../../core/revocation/revocation.ts';
import type { Revocations } from '../../core/revocation/revocations.ts';
import { WatchedFile } from '../watched-file.ts';
import { largestFile, parseRevocations } from './revocation-file.ts';
import type { RevocationSource } from './revocation-source.ts';

export interface FollowedFileOptions {
  readonly path: string;
  readonly revocations: Revocations;
  readonly clock: () => number;
  /** Called after each look, for the log. */
  readonly report: (failure: string | undefined) => void;
}

/**
 * Learns from a file, which is read once a second. While it is missing, too large or malformed, what was
 * learned stays in force, and what is known gets older.
 */
export function followFile({ path, revocations, clock, report }: FollowedFileOptions): RevocationSource {
  let adopted: readonly Revocation[] | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  const file: WatchedFile<readonly Revocation[]> = new WatchedFile({
    ...{ path, clock, maxBytes: largestFile, parse: parseRevocations },
    onLook() {
      // A look may be under way when the next configuration follows another file: both change one list.
      if (isStopped) return;
      const now = clock();
      // A clock that was ahead has swept what still holds. What had no place may have some now.
      if (now < lookedAt || revocations.incomplete) adopted = undefined;
      lookedAt = now;
      if (file.failure === undefined && file.value) {
        if (file.value !== adopted) revocations.replace(file.value, now);
        adopted = file.value;
        revocations.syncedAt = now;
      }
      revocations.sweep(now);
      report(file.failure && `${path} ${file.failure}`);
    },
  });
  return {
    start() {
      isStopped = false;
      return file.start();
    },
    stop() {
      isStopped = true;
      file.stop();
    },
    look: () => void file.look(),
    state: () => ({ failure: file.failure && `${path} ${file.failure}` }),
  };
}
