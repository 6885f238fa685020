import { Malformed } from '../lib/malformed.ts';
import { WatchedFile } from '../sources/watched-file.ts';
import { type HeldToken, readHeldToken } from './held-token.ts';

/** The most bytes of a token file. A header of this size fits beside the other headers. */
const maxBytes = 16_384;

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
 * The token of one file. If the content is unusable (empty, half-written, for another audience), the previous
 * token stays in use until it expires, because a file that is written in place is empty for a moment. If the
 * file is **removed**, its token is no longer used: an operator withdraws a token like this.
 */
export class TokenFile {
  readonly #options: TokenFileOptions;
  readonly #file: WatchedFile<string>;
  #held: HeldToken | undefined;
  #failure: string | undefined = 'has not been read yet';
  /** The last report, so that each change is reported once. */
  #said: string | undefined;

  constructor(options: TokenFileOptions) {
    const { path, clock } = options;
    this.#options = options;
    this.#file = new WatchedFile({
      ...{ path, maxBytes, clock },
      parse: (text) => text,
      // At each look, because the token can expire while the file stays as it is.
      onLook: () => this.#read(),
    });
  }

  /** Reads the file every second until `stop`. */
  start(): void {
    void this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }

  /** Reads the file now. Joins a reading that is still under way, such as on a file system that hangs. */
  look(): Promise<void> {
    return this.#file.look();
  }

  /**
   * The token to send, or why it is not available. Never waits, so a slow file system cannot delay a request.
   */
  current(now: number): string | Malformed {
    const held = this.#held;
    if (held && held.expiresAt > now) return held.text;
    return new Malformed(this.#failure ?? 'holds a token that has expired');
  }

  /** For readiness and metrics. */
  state(): { readonly expiresAt: number | undefined; readonly failure: string | undefined } {
    return { expiresAt: this.#held?.expiresAt, failure: this.#failure };
  }

  #read(): void {
    const { audience, clock, report } = this.#options;
    const { value = '', failure, missing } = this.#file;
    const now = clock();
    if (missing) this.#held = undefined;
    const token = failure === undefined ? readHeldToken(value, audience, now) : new Malformed(failure);
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
