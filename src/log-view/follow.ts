import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLineReader, type LineReader } from '../decision-lines/lines.ts';
import type { Tally } from './tally.ts';

/** Milliseconds until a file that had nothing new is read again. */
const pause = 200;
const pieceBytes = 65_536;

/** One of the files that have the same name, one after the other. */
interface Opened {
  readonly handle: FileHandle;
  readonly lines: LineReader;
  position: number;
}

/**
 * The lines of a file, and those that are added to it, until `signal` aborts. If another file takes the name,
 * the old one is read to its end first. If the file becomes shorter, it is read from its beginning. Does not
 * notice a file that was emptied and had grown to the old size before it was looked at.
 * @throws if the file cannot be opened at first or cannot be read, and an AbortError
 */
export async function* follow(
  file: string,
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  let opened = await openFile(file);
  const piece = Buffer.allocUnsafe(pieceBytes);
  try {
    for (;;) {
      // This is asked before the last read, so that read has all of the old file.
      const isReplaced = await hasOtherFile(file, opened);
      for (let read = await readOn(opened, piece); read.length > 0; read = await readOn(opened, piece)) {
        signal.throwIfAborted();
        yield opened.lines.add(read);
      }
      const next = isReplaced ? await openFile(file).catch(absent) : undefined;
      if (next || (await isShorter(opened))) {
        // A last line without a line end must not become one with the first line of the next file.
        const last = opened.lines.end();
        tally.tooLong += opened.lines.skipped;
        if (next) await opened.handle.close();
        opened = next ?? { handle: opened.handle, lines: createLineReader(), position: 0 };
        yield last;
      } else {
        await sleep(pause, undefined, { signal });
      }
    }
  } finally {
    tally.tooLong += opened.lines.skipped;
    await opened.handle.close();
  }
}

async function openFile(file: string): Promise<Opened> {
  return { handle: await open(file), lines: createLineReader(), position: 0 };
}

/** Whether the name belongs to another file now. Between two files it belongs to none. */
async function hasOtherFile(file: string, { handle }: Opened): Promise<boolean> {
  const [now, old] = await Promise.all([stat(file).catch(absent), handle.stat()]);
  return now !== undefined && (now.ino !== old.ino || now.dev !== old.dev);
}

async function readOn(opened: Opened, piece: Buffer): Promise<Buffer> {
  const { bytesRead } = await opened.handle.read(piece, 0, piece.length, opened.position);
  opened.position += bytesRead;
  return piece.subarray(0, bytesRead);
}

async function isShorter({ handle, position }: Opened): Promise<boolean> {
  return (await handle.stat()).size < position;
}

/** Between two files a name may belong to none. Any other failure would hide the lines to come. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
