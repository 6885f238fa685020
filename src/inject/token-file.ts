import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Malformed } from '../lib/malformed.ts';
import { type HeldToken, readHeldToken } from './held-token.ts';

/** The most bytes of a token file; a header of this size still fits beside all others. */
const maxBytes = 16_384;
/** Milliseconds between two looks at a file. */
const lookEvery = 1_000;

/** What is said of a file when it changes: a token that can be sent, or why what is there cannot. */
export type FileNews =
  | { readonly failure: undefined; readonly expiresAt: number }
  | { readonly failure: string; readonly kept: boolean };

export interface TokenFileOptions {
  readonly path: string;
  /** Must stand in the token's `aud`. */
  readonly audience: string;
  readonly clock: () => number;
  readonly report: (news: FileNews) => void;
}

/**
 * The token of one file, which is read anew each second: the whole path each time, so that the swap of a symbolic link
 * (Kubernetes) and a rewrite in place (spiffe-helper) are noticed alike, and without trust in time stamps.
 *
 * What is unusable (empty, half-written, for another audience) leaves the token before it in use until that expires: a
 * file that is written in place is empty for a moment. A file that is **gone** takes its token along: that is how an
 * operator withdraws one.
 */
export class TokenFile {
  readonly #options: TokenFileOptions;
  #held: HeldToken | undefined;
  #failure: string | undefined = 'was not read yet';
  /** What was reported last, so that each change is told once. */
  #said: string | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TokenFileOptions) {
    this.#options = options;
  }

  /** Looks once a second until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => void this.look(), lookEvery);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Reads the file now. A look that is under way, on a file system that hangs perhaps, is not doubled. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** The token to send, or why there is none. Never waits: what a file system does cannot hold up a request. */
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

/** The content of a regular file that nobody wrote to meanwhile. Non-blocking, or a FIFO would wait for its writer. */
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
      return new Malformed('is being written');
    // Latin-1 keeps every byte apart: what is not ASCII is no token.
    return bytes.toString('latin1', 0, size);
  } finally {
    await file.close();
  }
}
