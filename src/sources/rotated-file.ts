import { readFileSync, statSync } from 'node:fs';
import { fileStamp } from '../lib/file-stamp.ts';

/** A bearer token or a certificate chain is far smaller. */
const maxBytes = 65_536;
/** Milliseconds between two looks. */
const lookEvery = 1_000;

/**
 * The text of a small file that somebody else replaces, such as a projected ServiceAccount token. It is looked at when it
 * is asked for, at most once a second: Kubernetes swaps a symlink, so another inode, size or time of the file at the end
 * of all links is a change. What was read last goes on being used while the file is gone, empty or too large, since
 * whoever is shown it judges it anyway.
 */
export class RotatedFile {
  readonly #path: string;
  readonly #clock: () => number;
  #text: string | undefined;
  #stamp: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param text what it held when the configuration was loaded: used until it can be read */
  constructor(path: string, clock: () => number, text?: string) {
    this.#path = path;
    this.#clock = clock;
    this.#text = text?.trim() || undefined;
  }

  /**
   * Its text without white space around it.
   * @throws Error that names the path and never the content, where it could not be read even once.
   */
  read(): string {
    const now = this.#clock();
    if (this.#text !== undefined && Math.abs(now - this.#lookedAt) < lookEvery) return this.#text;
    try {
      this.#look();
      this.#lookedAt = now;
    } catch (error) {
      if (this.#text === undefined) throw error;
      this.#lookedAt = now;
    }
    return this.#text ?? '';
  }

  #look(): void {
    try {
      const found = statSync(this.#path, { bigint: true });
      const stamp = fileStamp(found);
      if (stamp === this.#stamp) return;
      if (found.size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
      const text = readFileSync(this.#path, 'utf8').trim();
      if (text === '') throw new Error('empty');
      this.#text = text;
      // Taken before the reading: what changed in between is seen at the next look.
      this.#stamp = stamp;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(`${this.#path} cannot be read: ${code ?? message}`);
    }
  }
}
