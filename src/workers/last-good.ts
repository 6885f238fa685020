import type { LoadedConfig } from '../config/load.ts';
import { createLineLog } from '../operate/log-line.ts';
import { Reloading, type ReloadingOptions } from '../serve/reloading.ts';
import type { HandedOver } from './messages.ts';

/**
 * The last configuration that was good: what a worker starts with, whatever the files hold at that moment. Follows every
 * file that is named, also those that a running source follows by itself, so that a worker never begins with the
 * authorities or keys of last week.
 */
export class LastGood {
  readonly #reloading: Reloading;
  #loaded: LoadedConfig;

  /** @param every milliseconds between two looks at the files; a second by default */
  constructor(
    loaded: LoadedConfig,
    { load, files }: Pick<ReloadingOptions, 'load' | 'files'>,
    every?: number,
  ) {
    this.#loaded = loaded;
    const loadedAt = Date.now();
    this.#reloading = new Reloading({
      load: () => {
        // Kept even where the version is the same: that does not tell what a source follows by itself.
        this.#loaded = load();
        return this.#loaded;
      },
      adopt: async () => undefined,
      current: () => ({ loaded: { ...this.#loaded, watched: named(this.#loaded) }, loadedAt }),
      files,
      // Looked at once more soon: they may have changed between the reading and the first look.
      handedOver: { refused: undefined },
      // The workers say it.
      log: createLineLog({ write: () => undefined }),
      ...(every !== undefined && { every }),
    });
  }

  start(): void {
    this.#reloading.start();
  }

  stop(): void {
    this.#reloading.stop();
  }

  /** Reads the files now. */
  now(): Promise<void> {
    return this.#reloading.now();
  }

  handOver(): HandedOver {
    const { file, text, files } = this.#loaded;
    return {
      configuration: { file, text, files: [...files] },
      refused: this.#reloading.state().failure,
    };
  }
}

function named({ files, resolve }: LoadedConfig): string[] {
  return [...files.keys()].map(resolve);
}
