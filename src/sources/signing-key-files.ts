import { parseSigningKey, type SigningKey, type SigningKeys } from '../core/internal-token/signing-key.ts';
import { WatchedFile } from './watched-file.ts';

export interface SigningKeyFilesOptions {
  /** Each with its name for messages, and its content when the configuration was loaded. It was checked then. */
  readonly files: readonly { readonly name: string; readonly path: string; readonly text: string }[];
  readonly clock: () => number;
  /** Milliseconds that a new key is published before it signs. */
  readonly signAfter: number;
  /** Milliseconds that a key stays published after another one signs: what it signed is valid so long. */
  readonly keepAfter: number;
  /** Called after each look that found something new. The failure never quotes the content. */
  readonly report?: (name: string, failure: string | undefined) => void;
  /** The keys of the configuration before. What they know of the same keys is kept. */
  readonly previous?: SigningKeyFiles | undefined;
}

/** A key, and since when verifiers can know it. */
interface KnownKey {
  readonly key: SigningKey;
  readonly publishedAt: number;
  /** When it was last in a file, or last the one to sign. */
  neededAt: number;
}

/**
 * Private keys in files that another program replaces. The first file has the key that signs; the keys of the
 * others are only published, so that a verifier knows a key before it signs. A key that is new in a file signs
 * after `signAfter`; until then the one before signs, from memory. A key that left the files stays published
 * while a token of it can be valid. The last good key of a file stays in use while the file is missing or
 * malformed. Keys that are there at the start count as published: this process cannot know since when. The texts
 * may be older than the files: a worker gets those of its primary.
 */
export class SigningKeyFiles implements SigningKeys {
  readonly #options: Pick<SigningKeyFilesOptions, 'signAfter' | 'keepAfter'>;
  readonly #names: readonly string[];
  readonly #files: readonly WatchedFile<SigningKey>[];
  readonly #known = new Map<string, KnownKey>();
  #signing: SigningKey;
  /** What the files hold until then was there before this process, as far as it can know. */
  #hasBegun: boolean;

  /** @throws TypeError if the text of a file is not a usable key */
  constructor(options: SigningKeyFilesOptions) {
    const { files, clock, report, previous, signAfter, keepAfter } = options;
    // Without those of the configuration before, which would stay in memory with theirs.
    this.#options = { signAfter, keepAfter };
    this.#names = files.map(({ name }) => name);
    this.#files = files.map(
      ({ name, path, text }) =>
        new WatchedFile({
          ...{ path, text, clock, maxBytes: 65_536, parse: parseSigningKey },
          report: (failure) => report?.(name, failure),
          onLook: () => this.#note(clock()),
        }),
    );
    const now = clock();
    for (const [kid, known] of previous?.knownAt(now) ?? []) this.#known.set(kid, { ...known });
    const [first] = this.#present();
    if (!first || this.#files.some(({ value }) => !value))
      throw new TypeError('the configuration was not checked: a file holds no usable key');
    this.#signing = previous?.current() ?? first;
    this.#hasBegun = previous !== undefined;
    this.#note(now);
  }

  current(): SigningKey {
    return this.#signing;
  }

  published(): readonly SigningKey[] {
    return [...this.#known.values()].map(({ key }) => key);
  }

  async start(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.start()));
    this.#hasBegun = true;
  }

  stop(): void {
    for (const file of this.#files) file.stop();
  }

  /** For metrics. */
  state() {
    return {
      files: this.#files.map(({ failure }, at) => ({ file: this.#names[at] ?? '', failure })),
      published: this.#known.size,
      kid: this.#signing.kid,
    };
  }

  /** What is known now, for the configuration that follows. */
  knownAt(now: number): ReadonlyMap<string, KnownKey> {
    this.#note(now);
    return this.#known;
  }

  /** Takes up new keys, chooses the one that signs, and forgets those whose tokens have expired. Once a second. */
  #note(now: number): void {
    const present = this.#present();
    const publishedAt = this.#hasBegun ? now : Number.NEGATIVE_INFINITY;
    for (const key of present) {
      const known = this.#known.get(key.kid);
      if (known) known.neededAt = now;
      else this.#known.set(key.kid, { key, publishedAt, neededAt: now });
    }
    // It signed until now, also if another one signs from now on.
    const signing = this.#known.get(this.#signing.kid);
    if (signing) signing.neededAt = now;
    const [first] = present;
    if (first && this.#maySign(first, now)) this.#signing = first;
    for (const [kid, { neededAt }] of this.#known)
      if (now - neededAt > this.#options.keepAfter) this.#known.delete(kid);
  }

  #maySign({ kid }: SigningKey, now: number): boolean {
    const { publishedAt = now } = this.#known.get(kid) ?? {};
    return now - publishedAt >= this.#options.signAfter;
  }

  #present(): readonly SigningKey[] {
    return this.#files.flatMap(({ value }) => value ?? []);
  }
}
