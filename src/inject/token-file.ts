import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Malformed } from '../lib/malformed.ts';
import { type HeldToken, readHeldToken } from './held-token.ts';

/** The most bytes of a token file. A header of this size fits beside the other headers. */
const maxBytes = 16_384;
/** Milliseconds between two readings of a file. */
const lookEvery = 1_000;

/** News of a changed file: a usable token, or why the content cannot be used. */
export type FileNews =
  | { readonly failure: undefined; readonly expiresAt: number }
  | { readonly failure: string; readonly kept: boolean };

export interface TokenFileOptions {
  readonly path: string;
  /** The `aud` of the token must hold it. */
  readonly audience: string;
  readonly clock: () => number;
  readonly report: (news: FileNews) => void;
}

/**
 * The token of one file. The file is opened by its path and read every second. So a swapped symbolic link (Kubernetes) and
 * a rewrite in place (spiffe-helper) are both noticed, without relying on time stamps.
 *
 * If the content is unusable (empty, half-written, for another audience), the previous token stays in use until it expires,
 * because a file that is written in place is empty for a moment. If the file is **removed**, its token is no longer used:
 * an operator withdraws a token like this.
 */
export class TokenFile {
  readonly #options: TokenFileOptions;
  #held: HeldToken | undefined;
  #failure: string | undefined = 'has not been read yet';
  /** The last report, so that each change is reported once. */
  #said: string | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TokenFileOptions) {
    this.#options = options;
  }

  /** Reads the file every second until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => void this.look(), lookEvery);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Reads the file now. Joins a reading that is still under way, such as on a file system that hangs. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** The token to send, or why it is not available. Never waits, so a slow file system cannot delay a request. */
  current(now: number): string | Malformed {
    const held = this.#held;
    if (held && held.expiresAt > now) return held.text;
    return new Malformed(this.#failure ?? 'holds a token that has expired');
  }

  /** For readiness and metrics. */
  state(): { readonly expiresAt: number | undefined; readonly failure: string | undefined } {
    return { expiresAt: this.#held?.expiresAt, failure: this.#failure };
  }

  async #look(): Promise<void> {
    const { path, audience, clock, report } = this.#options;
    const content = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') this.#held = undefined;
      return new Malformed(`cannot be read (${error.code ?? 'unknown error'})`);
    });
    const now = clock();
    const token = content instanceof Malformed ? content : readHeldToken(content, audience, now);
    if (token instanceof Malformed) this.#failure = token.why;
    else [this.#held, this.#failure] = [token, undefined];
    const kept = this.#held !== undefined && this.#held.expiresAt > now;
    const said = token instanceof Malformed ? `${kept} ${token.why}` : token.text;
    if (said === this.#said) return;
    this.#said = said;
    report(
      token instanceof Malformed
        ? { failure: token.why, kept }
        : { failure: undefined, expiresAt: token.expiresAt },
    );
  }
}

/** The content of a regular file that did not change while it was read. Opens without blocking: a FIFO would wait. */
async function readWhole(path: string): Promise<string | Malformed> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return new Malformed('is not a regular file');
    const bytes = Buffer.alloc(maxBytes + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      ({ bytesRead: read } = await file.read(bytes, size, bytes.length - size));
    if (size > maxBytes) return new Malformed(`is larger than ${maxBytes} bytes`);
    const after = await file.stat({ bigint: true });
    if (before.mtimeNs !== after.mtimeNs || before.size !== after.size)
      return new Malformed('changed while it was read');
    // Latin-1 keeps every byte. A token has only ASCII characters, so any other byte is refused later.
    return bytes.toString('latin1', 0, size);
  } finally {
    await file.close();
  }
}
