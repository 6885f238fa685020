import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { createLineReader } from '../decision-lines/lines.ts';
import { follow } from './follow.ts';
import type { Tally } from './tally.ts';

export interface LogReading {
  /** What the name `-` stands for. */
  readonly input: Readable;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Is told of each file that cannot be opened, or cannot be read further. */
  readonly unreadable: (file: string, error: Error) => void;
}

/**
 * The lines of a file, in the groups in which they arrive. Ends early if the file cannot be read, or if the
 * signal aborts. Never throws. Only an ordinary file can be followed. A pipe ends when its writers do.
 */
export async function* linesOfFile(
  file: string,
  isFollowed: boolean,
  { input, signal, tally, unreadable }: LogReading,
): AsyncGenerator<readonly string[]> {
  try {
    if (file === '-') yield* linesOfStream(addAbortSignal(signal, input), tally);
    else if (isFollowed && (await stat(file)).isFile()) yield* follow(file, tally, signal);
    else yield* linesOfStream(createReadStream(file, { signal }), tally);
  } catch (error) {
    if (!signal.aborted) unreadable(file, error as Error);
  }
}

async function* linesOfStream(pieces: AsyncIterable<Uint8Array>, tally: Tally) {
  const lines = createLineReader();
  try {
    for await (const piece of pieces) yield lines.add(piece);
    yield lines.end();
  } finally {
    tally.tooLong += lines.skipped;
  }
}
