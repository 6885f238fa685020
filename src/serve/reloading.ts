import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { LoadedConfig } from '../config/load.ts';
import { ConfigError, problemLine } from '../config/problem.ts';
import type { ConfigurationState } from '../operate/states.ts';

export interface ReloadingOptions {
  /**
   * Reads the configuration again.
   * @param lastGood contents of the files of the one in use, see `readNamedFiles`
   * @throws ConfigError
   */
  readonly load: (lastGood: LoadedConfig['files']) => LoadedConfig | Promise<LoadedConfig>;
  /** Puts a configuration into use. */
  readonly adopt: (loaded: LoadedConfig) => Promise<void>;
  /** The configuration in use, and its start in milliseconds since the epoch. */
  readonly current: () => { readonly loaded: LoadedConfig; readonly loadedAt: number };
  /** Files to watch, in addition to those that the configuration names. */
  readonly files: readonly string[];
  readonly log: Logger;
  /** Set if the configuration was handed over. Until the files are read, `refused` is their flaw. */
  readonly handedOver?: { readonly refused: string | undefined } | undefined;
  /** Milliseconds between two looks. The default is a second. */
  readonly every?: number;
}

/** A refused configuration is tried again after so many looks: a file that it names may exist by then. */
const patience = 10;
/** Looks after which changed files are read although one still changes: it must not hold up the others. */
const longestChange = 6;

/**
 * Applies changed files. Looks at them once a second. After a change it looks again sooner, and reads the files
 * when two looks are equal, so that none is read while it is written. A file that never rests is read after some
 * looks. If a configuration is refused, the previous one stays in use. The log, `/readyz` and a metric say so
 * until it is fixed.
 */
export class Reloading {
  readonly #options: ReloadingOptions;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  /** The stamps of the files when they were read, and at the last look. */
  #read: string | undefined;
  #seen: string | undefined;
  /** What the files name that were read last, if they say the same as the configuration in use. */
  #named: readonly string[] = [];
  #stopped = false;
  #looks = 0;
  /** Looks since a change was seen that was not read. */
  #waited = 0;
  /** Milliseconds that reading took last. */
  #took = 0;
  #reloads = 0;
  #failures = 0;
  #failure: string | undefined;

  constructor(options: ReloadingOptions) {
    this.#options = options;
    const refused = options.handedOver?.refused;
    if (refused !== undefined) this.#refuse(refused);
  }

  start(): void {
    const { every = 1_000, handedOver } = this.#options;
    const look = () => {
      if (this.#stopped) return;
      // A change that was seen is only waited for until it is written.
      const pause = this.#seen === this.#read ? every : every / 2;
      // Reading shares the thread with the checks, so a pause follows that is as long.
      const wait = Math.max(pause, this.#took);
      this.#took = 0;
      this.#timer = setTimeout(() => void this.#look().then(look), wait);
      this.#timer.unref();
    };
    void this.#stamp().then((stamp) => {
      this.#read = handedOver ? undefined : stamp;
      this.#seen = stamp;
      look();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  state(): ConfigurationState {
    const { loaded, loadedAt } = this.#options.current();
    return {
      version: loaded.version,
      loadedAt,
      reloads: this.#reloads,
      failures: this.#failures,
      failure: this.#failure,
    };
  }

  /** Reads the files now, even if they seem unchanged (SIGHUP). Calls run one after the other. */
  now(): Promise<void> {
    this.#underWay = this.#underWay.then(() => this.#reload());
    return this.#underWay;
  }

  /**
   * Puts another form of the configuration in use, in its turn. Does not read its files, so a refusal of them
   * stays.
   */
  replace(make: () => Promise<LoadedConfig>): Promise<void> {
    this.#underWay = this.#underWay.then(() => this.#replace(make));
    return this.#underWay;
  }

  async #look(): Promise<void> {
    const stamp = await this.#stamp();
    const settled = stamp === this.#seen;
    this.#seen = stamp;
    this.#looks++;
    this.#waited = stamp === this.#read ? 0 : this.#waited + 1;
    const isRead = settled || this.#waited >= longestChange;
    const again = this.#failure !== undefined && this.#looks % patience === 0;
    if (isRead && (stamp !== this.#read || again)) await this.now();
  }

  #stamp(): Promise<string> {
    const { files, current } = this.#options;
    return readStamp([...new Set([...files, ...current().loaded.watched, ...this.#named])]);
  }

  /** Never rejects. */
  async #reload(): Promise<void> {
    const { load, adopt, current, log } = this.#options;
    // Taken before reading, so that a change in between is seen at the next look.
    this.#read = await this.#stamp();
    this.#waited = 0;
    const began = performance.now();
    try {
      const { version: from, files } = current().loaded;
      const loaded = await load(files);
      this.#took = performance.now() - began;
      const wasRefused = this.#failure !== undefined;
      this.#failure = undefined;
      this.#named = loaded.watched;
      if (loaded.version === from) {
        // Otherwise the refusal would stay the last word about files that are mended.
        if (wasRefused)
          log.info(
            { event: 'configuration_accepted', version: from },
            'configuration accepted: it is the one in use',
          );
        return;
      }
      await adopt(loaded);
      this.#reloads++;
      // The new configuration may name other files, so the next look compares all of them.
      this.#read = undefined;
      log.info({ event: 'configuration_loaded', version: loaded.version, from }, 'configuration loaded');
    } catch (error) {
      this.#took ||= performance.now() - began;
      this.#refuse(error instanceof ConfigError ? error.problems.map(problemLine).join('\n') : String(error));
    }
  }

  /** Never rejects. */
  async #replace(make: () => Promise<LoadedConfig>): Promise<void> {
    const { adopt, current, log } = this.#options;
    try {
      const from = current().loaded.version;
      const next = await make();
      if (next.version === from) return;
      await adopt(next);
      this.#reloads++;
      log.info({ event: 'configuration_loaded', version: next.version, from }, 'configuration loaded');
    } catch (error) {
      this.#refuse(String(error));
    }
  }

  #refuse(failure: string): void {
    const { current, log } = this.#options;
    if (failure !== this.#failure) {
      this.#failures++;
      log.error(
        { event: 'configuration_refused', failure, version: current().loaded.version },
        'configuration refused: the previous one stays in use',
      );
    }
    this.#failure = failure;
  }
}

/**
 * The state of all files as one text. It changes with a rename, a swapped symbolic link (Kubernetes), a
 * rewrite, and when a file appears or disappears. The contents are **not** read.
 */
async function readStamp(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(),
        ({ code }: NodeJS.ErrnoException) => String(code),
      ),
    ),
  );
  return stamps.join(';');
}
