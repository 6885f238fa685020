import { write, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Lines are written in blocks of this size, because each write uses a thread that competes with the checks.
 */
const blockBytes = 65_536;
/** Lines beyond this are dropped: a stopped reader must not fill the memory. */
const mostBytes = 8_388_608;
/** Milliseconds until a block that is not full is written. */
const flushAfter = 100;
/** The longest pause before a write is tried again, in milliseconds. The first pause is one millisecond. */
const longestPause = 64;
/** Pauses of a millisecond that the end of the process makes for a slow reader. */
const patience = 100;

/** Whole lines as bytes. Those from `begin` to `end` are not written yet. */
interface Block {
  readonly bytes: Buffer;
  begin: number;
  end: number;
}

const writeBytes = promisify(write);

/**
 * Writes lines to a file descriptor, in the background and in order. A line becomes bytes at once: kept as
 * texts, the lines of a block would be garbage that outlives a young generation. `dropped` is called for each
 * line that cannot be held, and for each line whose reader is gone. After any other failure the same bytes
 * are tried again.
 */
export class BlockWriter {
  readonly #fd: number;
  readonly #dropped: () => void;
  readonly #full: Block[] = [];
  #filling = createBlock(blockBytes);
  /** A block that was written, to be filled again. */
  #spare: Block | undefined;
  /** Bytes of all lines that are not written yet. */
  #held = 0;
  #underWay: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number, dropped: () => void) {
    this.#fd = fd;
    this.#dropped = dropped;
  }

  /** The bytes of lines that are not written yet, and the most that are held. */
  get queue(): { readonly used: number; readonly limit: number } {
    return { used: this.#held, limit: mostBytes };
  }

  write(line: string): void {
    // A character takes at most three bytes. Only a line that may not fit into any block is measured.
    const most = line.length * 3;
    const room = most > blockBytes ? Buffer.byteLength(line) : most;
    if (this.#held + room > mostBytes) {
      this.#dropped();
      return;
    }
    if (room > this.#filling.bytes.length - this.#filling.end) this.#turn(room);
    const written = this.#filling.bytes.write(line, this.#filling.end);
    this.#filling.end += written;
    this.#held += written;
    if (this.#timer === undefined) this.#flushLater();
  }

  /** Resolves when every line is written or dropped. */
  async flush(): Promise<void> {
    while (this.#held > 0) {
      if (!this.#underWay) this.#turn();
      await this.#underWay;
    }
  }

  /**
   * Writes what is not being written in the background, at the end of the process. Gives up if it is not read
   * soon. Blocks if the descriptor does. A block that is in the background may end up behind the others.
   */
  flushSync(): void {
    let pauses = patience;
    for (const block of [...this.#full.splice(0), this.#filling])
      while (block.begin < block.end && pauses > 0) {
        const written = writeNow(this.#fd, block);
        block.begin += written;
        // Only time without any progress counts: a machine under load is not a reader who stopped.
        if (written === 0) pauses--;
      }
  }

  /**
   * A block that is not full is only handed over to an idle writer. A slow one would make many small blocks
   * of 64 KB.
   */
  #flushLater(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#underWay) this.#flushLater();
      else this.#turn();
    }, flushAfter).unref();
  }

  /** Hands the lines over to the writer, and begins a block with room for `bytes`. */
  #turn(bytes = 0): void {
    if (this.#filling.end > 0) {
      this.#full.push(this.#filling);
      this.#filling = this.#spare ?? createBlock(blockBytes);
      this.#spare = undefined;
      this.#underWay ??= this.#writeAll();
    }
    if (bytes > this.#filling.bytes.length) this.#filling = createBlock(bytes);
  }

  async #writeAll(): Promise<void> {
    for (let block = this.#full.shift(); block; block = this.#full.shift()) {
      await this.#write(block);
      if (block.bytes.length === blockBytes) this.#spare = Object.assign(block, { begin: 0, end: 0 });
    }
    this.#underWay = undefined;
  }

  async #write(block: Block): Promise<void> {
    let pause = 1;
    while (block.begin < block.end) {
      try {
        const { bytesWritten } = await writeBytes(
          this.#fd,
          block.bytes,
          block.begin,
          block.end - block.begin,
        );
        block.begin += bytesWritten;
        this.#held -= bytesWritten;
        pause = 1;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EPIPE') this.#lose(block);
        else await sleep(pause, undefined, { ref: false });
        pause = Math.min(pause * 2, longestPause);
      }
    }
  }

  #lose(block: Block): void {
    for (const byte of block.bytes.subarray(block.begin, block.end)) if (byte === 0x0a) this.#dropped();
    this.#held -= block.end - block.begin;
    block.begin = block.end;
  }
}

function createBlock(bytes: number): Block {
  return { bytes: Buffer.allocUnsafeSlow(bytes), begin: 0, end: 0 };
}

/**
 * Writes as much as fits now. @returns the number of bytes; all of them if there is nobody who could read
 * them
 */
function writeNow(fd: number, { bytes, begin, end }: Block): number {
  try {
    return writeSync(fd, bytes, begin, end - begin);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return end - begin;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}
