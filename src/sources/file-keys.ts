import type { Moment } from '../core/evidence.ts';
import type { KeySet, KeySource, VerificationKey } from '../core/token/keys.ts';
import { Malformed } from '../lib/malformed.ts';
import type { RotatedFile } from './rotated-file.ts';

/**
 * Keys in a file that somebody keeps fresh (a JWT bundle that spiffe-helper writes, a mounted Secret): read again when it
 * changes. A file that is gone or broken leaves the keys that were there, and is reported once.
 */
export class FileKeys implements KeySource {
  readonly #file: RotatedFile;
  readonly #parse: (text: string) => readonly VerificationKey[] | Malformed;
  readonly #report: (failure: string | undefined) => void;
  #text: string;
  #set: KeySet;
  failure: string | undefined;

  /** @param text what it holds now, which was checked when the configuration was loaded */
  constructor(
    file: RotatedFile,
    text: string,
    parse: (text: string) => readonly VerificationKey[] | Malformed,
    readAt: number,
    report: (failure: string | undefined) => void,
  ) {
    const keys = parse(text);
    if (keys instanceof Malformed) throw new TypeError(keys.why);
    this.#file = file;
    this.#parse = parse;
    this.#report = report;
    this.#text = text;
    this.#set = { keys, fetchedAt: readAt };
  }

  get fetchedAt(): number {
    return this.#set.fetchedAt;
  }

  current(now: number): KeySet {
    const text = this.#read();
    if (text === undefined || text === this.#text) return this.#set;
    this.#text = text;
    const keys = this.#parse(text);
    if (keys instanceof Malformed) this.#fail(keys.why);
    else {
      this.#set = { keys, fetchedAt: now };
      this.#fail(undefined);
    }
    return this.#set;
  }

  async refreshFor(_kid: string, { now }: Moment): Promise<KeySet> {
    return this.current(now);
  }

  #read(): string | undefined {
    try {
      return this.#file.read();
    } catch (error) {
      this.#fail((error as Error).message);
      return undefined;
    }
  }

  #fail(failure: string | undefined): void {
    if (failure !== this.failure) this.#report(failure);
    this.failure = failure;
  }
}
