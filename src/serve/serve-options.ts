import type { TeamHandling } from '../config/teams/handling.ts';
import type { UsedProofs } from '../core/used/used-proofs.ts';
import type { LogOptions } from '../operate/log-destination.ts';
import type { OpenAdmin, OpenConsole } from './console-source.ts';
import type { ReloadingOptions } from './reloading.ts';

export interface ReloadOptions extends Pick<ReloadingOptions, 'load' | 'files' | 'handedOver'> {
  /** How `load` treats the rules of teams. Without it nothing of `rulesFrom` is read. */
  readonly teams?: TeamHandling | undefined;
  /** Another process watches `rulesFrom`. It calls the function when it has handed over new objects. */
  readonly followTeams?: ((apply: () => Promise<void>) => void) | undefined;
}

export interface ServeOptions extends LogOptions {
  readonly clock?: () => number;
  /** Reads the configuration again, from these files. Without it the configuration never changes. */
  readonly reload?: ReloadOptions | undefined;
  /** Without it there is no console. */
  readonly openConsole?: OpenConsole;
  /** Remembers used proofs for several processes. Without it, this process remembers for itself. */
  readonly usedProofs?: UsedProofs;
  /** See `NonceContext`. */
  readonly nonceKey?: string | undefined;
  /** Replaces the admin port, for a worker whose primary has it. */
  readonly openAdmin?: OpenAdmin;
}
