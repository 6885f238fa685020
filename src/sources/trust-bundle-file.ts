import { readFile, stat } from 'node:fs/promises';
import { DependencyError } from '../core/denial.ts';
import type { Authorities } from '../core/peer/bundle.ts';
import { parseBundleFile } from '../core/peer/bundle-document.ts';
import { fileStamp } from '../lib/file-stamp.ts';
import { Malformed } from '../lib/malformed.ts';
import { type BundleState, type RunningBundle, renewed } from './trust-bundle-state.ts';

export interface FileBundleOptions {
  readonly trustDomain: string;
  readonly path: string;
  /** What it held when the configuration was loaded: used until it is read, however broken it is now. */
  readonly text?: string | undefined;
  readonly clock: () => number;
  /** Told when it was read, and when why it cannot be has changed; for the log. */
  readonly report: (failure: string | undefined) => void;
}

const lookEvery = 1_000;
const maxBytes = 1_048_576;

/**
 * The authorities that a file holds. It is looked at once a second, by `stat` alone, and read when it is another: another
 * inode (a rename, or Kubernetes turning the symlink of a volume), size or time. All or nothing: while it is broken, or
 * gone, the authorities that it held before go on being used, for which there is no limit but their own validity.
 */
export class FileBundle implements RunningBundle {
  readonly #options: FileBundleOptions;
  #authorities: Authorities | undefined;
  #readAt: number | undefined;
  /** What the file looked like when it was read last. */
  #stamp: string | undefined;
  #failure: string | undefined;
  #underway: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #reads = 0;
  #failures = 0;

  constructor(options: FileBundleOptions) {
    this.#options = options;
    const list = options.text === undefined ? undefined : parseBundleFile(options.text);
    if (list === undefined || list instanceof Malformed) return;
    this.#authorities = renewed(undefined, list);
    this.#readAt = options.clock();
  }

  current(): Authorities {
    if (this.#authorities) return this.#authorities;
    const { trustDomain } = this.#options;
    throw new DependencyError(
      'bundle_unavailable',
      `the bundle of ${trustDomain} was never read: ${this.#failure}`,
      1,
    );
  }

  start(): Promise<void> {
    this.#underway ??= this.#look().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  state(): BundleState {
    const { trustDomain, clock } = this.#options;
    return {
      trustDomain,
      authorities: this.#authorities?.list.length ?? 0,
      age: this.#readAt === undefined ? undefined : (clock() - this.#readAt) / 1000,
      fetches: this.#reads,
      failures: this.#failures,
      failure: this.#failure,
    };
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const { path, clock } = this.#options;
    try {
      const found = await stat(path, { bigint: true });
      const stamp = fileStamp(found);
      if (stamp !== this.#stamp) {
        this.#reads++;
        // Taken before the reading: what is written in between is another stamp at the next look.
        this.#stamp = stamp;
        if (!found.isFile()) throw new Error('not a file');
        if (found.size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
        const list = parseBundleFile(await readFile(path, 'utf8'));
        if (list instanceof Malformed) throw new Error(list.why);
        this.#authorities = renewed(this.#authorities, list);
        this.#readAt = clock();
        this.#said(undefined);
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // What the system refused may work the next time with the file unchanged; broken content stays broken.
      if (code !== undefined) this.#stamp = undefined;
      this.#said(`${path}: ${code ?? message}`);
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), lookEvery).unref();
  }

  #said(failure: string | undefined): void {
    const isNews = failure === undefined || failure !== this.#failure;
    if (failure !== undefined && isNews) this.#failures++;
    this.#failure = failure;
    if (isNews) this.#options.report(failure);
  }
}
