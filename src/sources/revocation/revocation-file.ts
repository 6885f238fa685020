import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  mergeAll,
  mergeInto,
  nameOf,
  type Revocation,
  type RevocationName,
  weightOfRevocation,
} from '../../core/revocation/revocation.ts';
import { readRevocation, writeRevocation } from '../../core/revocation/written.ts';
import { parseJson } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import { type RevocationStore, StoreFull } from './revocation-store.ts';

/** Bytes of the largest file. It is read as a whole, and holds about 15,000 revocations. */
export const largestFile = 4_194_304;
/** Milliseconds after which a lock is taken for left behind. A writer holds it for a few milliseconds. */
const longestLock = 10_000;
const pause = 20;

/** Reads the lines of a file, one revocation each. Empty lines and lines that begin with # do not count. */
export function parseRevocations(text: string): readonly Revocation[] | Malformed {
  const found: Revocation[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const entry = readRevocation(parseJson(line));
    // Without the others: a file that is understood in part would let revoked tokens in.
    if (entry instanceof Malformed) return new Malformed(`line ${index + 1}: ${entry.why}`);
    found.push(entry);
  }
  return found;
}

/** How much may be kept. */
export interface FileRoom {
  /** Bytes of heap of a process that knows them all. With less, it would refuse every token. */
  readonly memory: () => number;
  /** The part of the memory and of the file that this writer may fill. */
  readonly share?: number | undefined;
}

/**
 * Revocations in a file of one machine. Each change replaces the whole file, so that a reader never sees half
 * of it, and forgets what has expired. Writers wait for each other by a lock file beside it.
 * @param path must exist
 */
export function openRevocationFile(
  path: string,
  clock: () => number,
  { memory, share = 1 }: FileRoom,
): RevocationStore {
  return {
    async add(entries) {
      await change((known) => {
        for (const entry of entries) mergeInto(known, entry);
        if (weightOfAll(known) > share * memory())
          throw new StoreFull('the revocations fill revocation.memory, so none was added');
      }, share * largestFile);
    },
    async undo(names) {
      let undone: readonly RevocationName[] = [];
      await change((known) => {
        undone = names.filter((name) => known.delete(nameOf(name)));
      });
      return undone;
    },
    list: async () => [...(await read()).values()],
  };

  async function read(): Promise<Map<string, Revocation>> {
    const found = parseRevocations(readBounded(path, largestFile));
    if (found instanceof Malformed) throw new Error(`${path}: ${found.why}`);
    return mergeAll(found, clock());
  }

  async function change(
    make: (known: Map<string, Revocation>) => void,
    mostBytes = largestFile,
  ): Promise<void> {
    const lock = `${path}.lock`;
    await takeLock(lock);
    try {
      const known = await read();
      make(known);
      const text = [...known.values()].map((entry) => `${JSON.stringify(writeRevocation(entry))}\n`).join('');
      if (Buffer.byteLength(text) > mostBytes)
        throw new StoreFull(`${path} would be larger than ${mostBytes} bytes: use store.redis`);
      await replace(text);
    } finally {
      await rm(lock, { force: true });
    }
  }

  /** The new file keeps the permissions of the old one. */
  async function replace(text: string): Promise<void> {
    const { mode } = await stat(path);
    const next = `${path}.next`;
    const file = await open(next, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  }
}

function weightOfAll(known: ReadonlyMap<string, Revocation>): number {
  let weight = 0;
  for (const entry of known.values()) weight += weightOfRevocation(entry);
  return weight;
}

/** @throws Error of the system if the folder cannot be written */
async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      await (await open(lock, 'wx')).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    // It may be gone by now. The next one is another writer's, and must stay.
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
    // The absolute value: a lock of a clock that was put back would never be old.
    if (Math.abs(Date.now() - mtimeMs) > longestLock) await rm(lock, { force: true });
    else await sleep(pause);
  }
}
