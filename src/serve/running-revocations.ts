import type { Logger } from 'pino';
import type { LoadedConfig } from '../config/load.ts';
import type { RevocationConfig } from '../config/revocation-schema.ts';
import type { Config } from '../config/schema.ts';
import { type RevocationLimits, Revocations } from '../core/revocation/revocations.ts';
import { cut } from '../operate/json-line.ts';
import type { RevocationState } from '../operate/revocation-metrics.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import type { SharedStore } from '../sources/redis/shared-store.ts';
import { followFile } from '../sources/revocation/followed-file.ts';
import { followStore } from '../sources/revocation/followed-store.ts';
import type { RevocationSource } from '../sources/revocation/revocation-source.ts';
import { channelOf } from '../sources/revocation/scripts.ts';
import { shareRevocations } from '../sources/revocation/shared-revocations.ts';

export interface RevocationsOptions {
  readonly clock: () => number;
  readonly log: Logger;
  readonly store: SharedStore | undefined;
  /** The first attempt to open the store. */
  readonly opened: () => Promise<void> | undefined;
  /** The settings in force. */
  readonly settings: () => RevocationConfig | undefined;
}

/** What a process knows of revocations, and where it learns of them. Outlives a configuration. */
export interface RunningRevocations {
  /** Undefined while nothing can be revoked. */
  state(): RevocationState | undefined;
  /** What a check asks. Undefined if nothing could be revoked since the process started. */
  knownTo(config: Config): Revocations | undefined;
  /**
   * The source of a configuration. Undefined if nothing can be revoked, and if it needs a store that was not
   * configured when the process started.
   * @param before that of the previous configuration; it is kept if it has not changed
   */
  sourceFor(loaded: LoadedConfig, before?: ConfiguredRevocations): ConfiguredRevocations | undefined;
}

/** A source with the fingerprint of its settings, see `takeFingerprint`. */
export type ConfiguredRevocations = RevocationSource & { readonly fingerprint: string };

/** Before the first attempt. */
const unread = 'not read yet';
/** Of a process without the setting. Nobody asks it then. */
const unused: RevocationLimits = { memory: 0, maxStaleness: 0, onOutage: 'refuse' };

export function createRevocations({
  clock,
  log,
  store,
  opened,
  settings,
}: RevocationsOptions): RunningRevocations {
  const known = new Revocations(() => settings() ?? unused);
  let failure: string | undefined = unread;
  const common = { revocations: known, clock, report };
  return {
    state() {
      const { memory, file } = settings() ?? {};
      if (memory === undefined) return undefined;
      const { count, bytes, syncedAt } = known;
      return {
        ...{ place: file === undefined ? 'store' : 'file', count, bytes, capacity: memory, failure },
        age: syncedAt === undefined ? undefined : Math.max(0, clock() - syncedAt) / 1000,
      };
    },
    knownTo: (config) =>
      config.revocation && (hasPlace(config) || known.syncedAt !== undefined) ? known : undefined,
    sourceFor(loaded, before) {
      const { revocation } = loaded.config;
      if (!revocation || !hasPlace(loaded.config)) return undefined;
      const fingerprint = takeFingerprint([revocation.file], ['revocation'], loaded.files);
      if (before?.fingerprint === fingerprint) return before;
      const source =
        revocation.file !== undefined || !store
          ? followFile({ ...common, path: loaded.resolve(revocation.file ?? '') })
          : followShared(store);
      return { ...source, fingerprint };
    },
  };

  function hasPlace({ revocation }: Config): boolean {
    return revocation?.file !== undefined || store !== undefined;
  }

  function followShared(shared: SharedStore): RevocationSource {
    const memory = () => settings()?.memory ?? 0;
    const source = followStore({ ...common, store: shareRevocations(shared, memory), onRestored });
    // It goes on as long as the store. A source that was stopped does not listen.
    shared.subscribe(channelOf(shared.prefix), () => source.look());
    return { ...source, start: () => Promise.resolve(opened()).then(() => source.start()) };
  }

  function onRestored(count: number): void {
    log.warn(
      { event: 'revocations_restored', count },
      'the store had lost revocations that this process knows, and has them again',
    );
  }

  /** Called after each attempt. */
  function report(next: string | undefined): void {
    const isNews = failure === unread || (next === undefined) !== (failure === undefined);
    failure = next;
    if (!isNews) return;
    if (next === undefined) log.info({ event: 'revocations_available' }, 'the revocations can be read');
    else
      log.error({ event: 'revocations_unavailable', failure: cut(next) }, 'the revocations cannot be read');
  }
}
