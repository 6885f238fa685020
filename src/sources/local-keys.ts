import type { KeySet, KeySource, ReadKeys, VerificationKey } from '../core/token/keys.ts';
import { Malformed } from '../lib/malformed.ts';
import { WatchedFile, type WatchedFileOptions } from './watched-file.ts';

/** Keys that the configuration holds. They never change. */
export class FixedKeys implements KeySource {
  readonly #set: KeySet;

  constructor(keys: readonly VerificationKey[], readAt: number) {
    this.#set = { keys, fetchedAt: readAt };
  }

  current(): KeySet {
    return this.#set;
  }

  async refreshFor(): Promise<KeySet> {
    return this.#set;
  }
}

export interface FileKeysOptions extends Pick<WatchedFileOptions<KeySet>, 'path' | 'clock' | 'report'> {
  /** The content when the configuration was loaded. It was checked then. */
  readonly text: string;
  readonly parse: (text: string) => ReadKeys;
}

/**
 * Keys in a file that another program replaces, such as a JWT bundle of spiffe-helper or a mounted Secret.
 * The previous keys stay in use while the file is missing or malformed. A check never reads the file.
 */
export class FileKeys implements KeySource {
  readonly file: WatchedFile<KeySet>;

  /** @throws TypeError if `text` holds no usable key */
  constructor({ parse, ...options }: FileKeysOptions) {
    this.file = new WatchedFile({
      ...options,
      maxBytes: 65_536,
      parse(text) {
        const keys = parse(text.trim());
        return keys instanceof Malformed ? keys : { keys, fetchedAt: options.clock() };
      },
    });
    this.current();
  }

  current(): KeySet {
    if (!this.file.value)
      throw new TypeError('the configuration was not checked: its file holds no usable key');
    return this.file.value;
  }

  /** The file is read once a second anyway. */
  async refreshFor(): Promise<KeySet> {
    return this.current();
  }
}
