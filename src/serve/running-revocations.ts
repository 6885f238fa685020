import type { Logger } from 'pino';
import type { LoadedConfig } from '../config/load.ts';
import type { RevocationConfig } from '../config/revocation-schema.ts';
import { type RevocationLimits, Revocations } from '../core/revocation/revocations.ts';
import { cut } from '../operate/json-line.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import { followFile } from '../sources/revocation/followed-file.ts';
import type { RevocationSource } from '../sources/revocation/revocation-source.ts';

export interface RevocationsOptions {
  readonly clock: () => number;
  readonly log: Logger;
  /** The settings in force. */
  readonly settings: () => RevocationConfig | undefined;
}

/** What a process knows of revocations, and where it learns of them. Outlives a configuration. */
export interface RunningRevocations {
  readonly known: Revocations;
  /**
   * The source of a configuration. Undefined if nothing can be revoked.
   * @param before that of the previous configuration; it is kept if it has not changed
   */
  sourceFor(loaded: LoadedConfig, before?: ConfiguredRevocations): ConfiguredRevocations | undefined;
}

/** A source with the fingerprint of its settings, see `takeFingerprint`. */
export type ConfiguredRevocations = RevocationSource & { readonly fingerprint: string };

/** Of a process without the setting. Nobody asks it then. */
const unused: RevocationLimits = { memory: 0, maxStaleness: 0, onOutage: 'refuse' };

export function createRevocations({ clock, log, settings }: RevocationsOptions): RunningRevocations {
  const known = new Revocations(() => settings() ?? unused);
  return {
    known,
    sourceFor(loaded, before) {
      const { revocation } = loaded.config;
      if (!revocation?.file) return undefined;
      const fingerprint = takeFingerprint(revocation.file, ['revocation', 'file'], loaded.files);
      if (before?.fingerprint === fingerprint) return before;
      const path = loaded.resolve(revocation.file);
      return { ...followFile({ path, revocations: known, clock, report }), fingerprint };
    },
  };

  /** Called when the failure has changed. The first success is no news. */
  function report(failure: string | undefined): void {
    if (failure !== undefined)
      log.error(
        { event: 'revocations_unavailable', failure: cut(failure) },
        'the revocations cannot be read',
      );
    else if (known.syncedAt !== undefined)
      log.info({ event: 'revocations_available' }, 'the revocations can be read again');
  }
}
