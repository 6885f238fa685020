import { readmit } from '../config/compose.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { TeamHandling } from '../config/teams/handling.ts';
import { withLastGood } from '../config/teams/kept-objects.ts';
import { inTurns } from '../lib/in-turns.ts';
import { createLineLog } from '../operate/log-line.ts';
import { ownNonceKey } from '../serve/proof-settings.ts';
import { Reloading, type ReloadingOptions } from '../serve/reloading.ts';
import type { HandedOver } from './messages.ts';

export interface LastGoodOptions {
  /** Milliseconds between two looks at the files; a second by default. */
  readonly every?: number;
  /** Called with each configuration after the first. It must not throw. */
  readonly onLoaded?: (loaded: LoadedConfig) => void;
}

/**
 * The last good configuration. A worker starts with it, even if the files are broken at that moment. Watches
 * every named file, also those that a source watches itself, so a worker never begins with old keys.
 */
export class LastGood {
  readonly #reloading: Reloading;
  #loaded: LoadedConfig;

  constructor(
    loaded: LoadedConfig,
    reload: Pick<ReloadingOptions, 'load' | 'files'>,
    { every, onLoaded }: LastGoodOptions = {},
  ) {
    this.#loaded = loaded;
    const loadedAt = Date.now();
    this.#reloading = new Reloading({
      load: async (lastGood) => {
        // Kept even if the version is the same: it does not cover files that a source watches itself.
        this.#loaded = await reload.load(lastGood);
        onLoaded?.(this.#loaded);
        return this.#loaded;
      },
      adopt: async () => undefined,
      current: () => ({ loaded: { ...this.#loaded, watched: named(this.#loaded) }, loadedAt }),
      files: reload.files,
      // The files may have changed between reading and the first look, so they are looked at again soon.
      handedOver: { refused: undefined },
      // The workers log it.
      log: createLineLog({ write: () => undefined }),
      ...(every !== undefined && { every }),
    });
  }

  get loaded(): LoadedConfig {
    return this.#loaded;
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

  /** Puts in what teams have written since at the API server. Never rejects. */
  readmit(teams: TeamHandling): Promise<void> {
    return this.#reloading.replace(async () => {
      this.#loaded = await inTurns(readmit(this.#loaded, teams));
      return this.#loaded;
    });
  }

  /** @param teams how its rules of teams were treated */
  handOver(teams?: TeamHandling): HandedOver {
    const { file, text, files } = this.#loaded;
    return {
      configuration: { file, text, files: [...files] },
      objects: teams ? withLastGood(teams.atApiServer.objects, teams.memory) : [],
      nonceKey: ownNonceKey,
      refused: this.#reloading.state().failure,
    };
  }
}

function named({ files, watched, resolve }: LoadedConfig): string[] {
  return [...new Set([...[...files.keys()].map(resolve), ...watched])];
}
