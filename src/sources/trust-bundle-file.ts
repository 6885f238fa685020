import { DependencyError } from '../core/denial.ts';
import type { Authorities } from '../core/peer/bundle.ts';
import { parseBundleFile } from '../core/peer/bundle-document.ts';
import { Malformed } from '../lib/malformed.ts';
import { type BundleState, type RunningBundle, renewed, validitiesOf } from './trust-bundle-state.ts';
import { WatchedFile } from './watched-file.ts';

export interface FileBundleOptions {
  readonly trustDomain: string;
  readonly path: string;
  /** The content when the configuration was loaded. It is used until the file is read. */
  readonly text?: string | undefined;
  readonly clock: () => number;
  /** Called when the file was read, and when the failure has changed. For the log. */
  readonly report: (failure: string | undefined) => void;
}

/**
 * The certificate authorities in a file. While the file is malformed or missing, the previous authorities
 * stay in use. Only their own validity limits that.
 */
export class FileBundle implements RunningBundle {
  readonly #options: FileBundleOptions;
  readonly #file: WatchedFile<Authorities>;

  constructor(options: FileBundleOptions) {
    const { trustDomain, path, text, clock, report } = options;
    this.#options = options;
    this.#file = new WatchedFile<Authorities>({
      ...{ path, text, clock, maxBytes: 1_048_576 },
      parse(content, previous) {
        const list = parseBundleFile(content, trustDomain);
        return list instanceof Malformed ? list : renewed(previous, list);
      },
      report: (failure) => report(failure && `${path} ${failure}`),
    });
  }

  current(): Authorities {
    if (this.#file.value) return this.#file.value;
    const { trustDomain, path } = this.#options;
    throw new DependencyError(
      'bundle_unavailable',
      `the bundle of ${trustDomain} was never read: ${path} ${this.#file.failure ?? 'has not been read yet'}`,
      1,
    );
  }

  start(): Promise<void> {
    return this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }

  state(): BundleState {
    const { trustDomain, clock, path } = this.#options;
    const { value, readAt, changes, failures, failure } = this.#file;
    return {
      trustDomain,
      authorities: value?.list.length ?? 0,
      validities: validitiesOf(value),
      age: readAt === undefined ? undefined : (clock() - readAt) / 1000,
      fetches: changes,
      failures,
      failure: failure && `${path} ${failure}`,
    };
  }
}
