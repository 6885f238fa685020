import { longestLine } from './decision-line.ts';

/** Puts lines together from the pieces of a stream. */
export interface LineReader {
  /** The lines that end in this piece, without their line ends. Does not keep `bytes`. */
  add(bytes: Uint8Array): readonly string[];
  /** The last line, if the stream did not end with a line end. Nothing is left afterwards. */
  end(): readonly string[];
  /** The number of lines that were longer than `longest` bytes, and therefore left out. */
  readonly skipped: number;
}

/**
 * Makes a reader of lines that end with LF or CRLF. It holds twice `longest` bytes at most, whatever arrives.
 * A character whose bytes arrive in two pieces stays whole, and bytes that are not UTF-8 become U+FFFD.
 */
export function createLineReader(longest = longestLine): LineReader {
  let begun: Buffer = Buffer.alloc(1_024);
  let length = 0;
  let skipped = 0;
  let isSkipping = false;

  const hold = (bytes: Uint8Array): void => {
    isSkipping ||= length + bytes.length > longest;
    if (isSkipping) return;
    if (length + bytes.length > begun.length) begun = enlarged(begun, length + bytes.length);
    begun.set(bytes, length);
    length += bytes.length;
  };
  const finish = (lines: string[]): void => {
    if (isSkipping) skipped++;
    else lines.push(begun.toString('utf8', 0, begun[length - 1] === carriageReturn ? length - 1 : length));
    length = 0;
    isSkipping = false;
  };
  return {
    add(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
        hold(bytes.subarray(from, at));
        finish(lines);
        from = at + 1;
      }
      hold(bytes.subarray(from));
      return lines;
    },
    end() {
      const lines: string[] = [];
      if (length > 0 || isSkipping) finish(lines);
      return lines;
    },
    get skipped() {
      return skipped;
    },
  };
}

/** The lines of a stream, see `createLineReader`. Throws what the stream throws. */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  reader: LineReader = createLineReader(),
): AsyncGenerator<string> {
  for await (const piece of pieces) yield* reader.add(piece);
  yield* reader.end();
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Twice the size, so that a line of many small pieces is not copied for each. */
function enlarged(begun: Buffer, atLeast: number): Buffer {
  const larger = Buffer.alloc(Math.max(begun.length * 2, atLeast));
  begun.copy(larger);
  return larger;
}
