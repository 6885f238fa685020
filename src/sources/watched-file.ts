import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { within } from '../lib/deadline.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { Malformed } from '../lib/malformed.ts';

export interface WatchedFileOptions<T> {
  readonly path: string;
  readonly maxBytes: number;
  readonly clock: () => number;
  /** Parses the content, as UTF-8. Called only when the content has changed. */
  readonly parse: (text: string, previous: T | undefined) => T | Malformed;
  /** The content when the configuration was loaded. It is used until the file can be read. */
  readonly text?: string | undefined;
  /** Called when new content was read, and when the failure has changed. */
  readonly report?: (failure: string | undefined) => void;
  /** Called after each look. */
  readonly onLook?: () => void;
}

/** Milliseconds between two looks at a file. */
const interval = 1_000;

/**
 * A small file that another program replaces. Each look opens the path and reads the whole file. So it
 * notices a rename, a swapped symbolic link (Kubernetes) and a rewrite in place (spiffe-helper), without
 * relying on time stamps. A file system that hangs does not block the checks. One look takes 0.12 ms of CPU
 * for 4 KiB, and 1.1 ms for 1 MiB. The last good value stays in use while the file is missing, too large or
 * malformed. Its age is **not** limited.
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  /** What was parsed last, and why it could not be parsed. */
  #text: string | undefined;
  #flaw: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #repeats = false;
  value: T | undefined;
  /** When `value` was read, in milliseconds since the epoch. */
  readAt: number | undefined;
  /** Why the last look failed; undefined after a good one. It never quotes the content. */
  failure: string | undefined;
  /** When the first of the looks that failed in a row was, in milliseconds since the epoch. */
  failingSince: number | undefined;
  /** Whether the last look found no file at the path. */
  missing = false;
  /** Looks that found other content or another failure, and how many of them failed. */
  changes = 0;
  failures = 0;

  constructor(options: WatchedFileOptions<T>) {
    this.#options = options;
    if (options.text !== undefined) this.#parse(options.text);
  }

  /** Looks now, and then once a second until `stop`. Resolves after the first look. */
  start(): Promise<void> {
    this.#repeats = true;
    return this.look();
  }

  stop(): void {
    this.#repeats = false;
    clearTimeout(this.#timer);
  }

  /** Looks now. A look that is under way is shared. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * The value after a look, unless the last look is less than a second old. For files that are used rarely.
   * @throws Error that names the path and never the content, if there was never a good value
   */
  async fresh(): Promise<T> {
    const { clock, path } = this.#options;
    // The absolute value: a clock that was put back must not delay the next look.
    if (this.value === undefined || Math.abs(clock() - this.#lookedAt) >= interval)
      await within(this.look(), interval, () => new Error()).catch(() => undefined);
    if (this.value === undefined) throw new Error(`${path} ${this.failure ?? 'has not been read yet'}`);
    return this.value;
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const { path, maxBytes, clock, report, onLook } = this.#options;
    this.missing = false;
    const found = await readWhole(path, maxBytes).catch((error: NodeJS.ErrnoException) => {
      this.missing = error.code === 'ENOENT' || error.code === 'ENOTDIR';
      return new Malformed(`cannot be read ${codeAndCause(error.code)}`);
    });
    this.#lookedAt = clock();
    const isNew = typeof found === 'string' && found !== this.#text;
    if (isNew) {
      this.#text = found;
      this.#parse(found);
    }
    const failure = found instanceof Malformed ? found.why : this.#flaw;
    const isNews = failure !== this.failure || (isNew && failure === undefined);
    this.failure = failure;
    this.failingSince = failure === undefined ? undefined : (this.failingSince ?? this.#lookedAt);
    if (isNew || isNews) this.changes++;
    if (isNews && failure !== undefined) this.failures++;
    if (isNews) report?.(failure);
    onLook?.();
    if (this.#repeats) this.#timer = setTimeout(() => void this.look(), interval).unref();
  }

  #parse(text: string): void {
    const value = this.#options.parse(text, this.value);
    this.#flaw = value instanceof Malformed ? value.why : undefined;
    if (value instanceof Malformed) return;
    this.value = value;
    this.readAt = this.#options.clock();
  }
}

/** Reads a regular file that does not change meanwhile. Does not block: a FIFO would wait for its writer. */
async function readWhole(path: string, maxBytes: number): Promise<string | Malformed> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return new Malformed('is not a regular file');
    const bytes = Buffer.allocUnsafe(maxBytes + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      ({ bytesRead: read } = await file.read(bytes, size, bytes.length - size));
    if (size > maxBytes) return new Malformed(`is larger than ${maxBytes} bytes`);
    const after = await file.stat({ bigint: true });
    if (before.mtimeNs !== after.mtimeNs || before.size !== after.size)
      return new Malformed('changed while it was read');
    return bytes.toString('utf8', 0, size);
  } finally {
    await file.close();
  }
}
