import type { ConsoleAccess } from '../config/console-access.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { AdminServer, Readiness } from '../operate/admin-server.ts';
import type { ConsoleDoor } from '../operate/console-door.ts';
import type { LineTap } from '../operate/line-tap.ts';
import type { Metrics } from '../operate/metrics.ts';
import type { DependencyStates } from '../operate/readiness.ts';
import type { Sample } from '../operate/samples.ts';
import type { ConfigurationState } from '../operate/states.ts';
import type { RuleCount } from '../operate/tally.ts';

/** How much of a limit is used. */
export interface LimitState {
  readonly name: string;
  readonly used: number;
  /** Undefined: it is counted, and has no limit. */
  readonly limit: number | undefined;
  readonly unit: 'checks' | 'bytes' | 'seconds';
}

/** What one process knows of itself. Plain data, because a worker sends it to the primary. */
export interface ProcessView extends DependencyStates {
  readonly state: Readiness['state'];
  /** Why it is too busy. */
  readonly tooBusy: string | undefined;
  readonly configuration: ConfigurationState & { readonly restartNeeded: boolean };
  readonly limits: readonly LimitState[];
  readonly samples: readonly Sample[];
  /** Those with the most refusals, or all of them. */
  readonly rules: readonly RuleCount[];
  /** The keys of issuers as JWK Sets, by the name of the issuer, if they are asked for. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

/** What a view holds in addition. */
export interface ViewOptions {
  readonly allRules?: boolean;
  readonly keys?: boolean;
}

/** What the console reads of a running service. */
export interface ConsoleSource {
  /** The configuration in force. */
  loaded(): LoadedConfig;
  /** Who may see the console now. */
  access(): ConsoleAccess;
  /** What each process knows, or knew when it last answered. */
  views(options?: ViewOptions): Promise<readonly ProcessView[]>;
  /** The decision log. */
  readonly tap: LineTap;
  /** Only with several processes. */
  workers?(): Readiness['workers'];
}

/** Makes the door to the console. It loads the console when it is asked for. */
export type OpenConsole = (source: ConsoleSource) => ConsoleDoor;

/** Opens the admin port, or a replacement for it. */
export type OpenAdmin = (
  address: { readonly host: string; readonly port: number },
  readiness: () => Readiness,
  registry: Metrics['registry'],
  source: ConsoleSource,
) => Promise<AdminServer>;
