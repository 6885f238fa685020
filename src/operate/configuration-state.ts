/** The state of the active configuration, for readiness and metrics. */
export interface ConfigurationState {
  readonly version: string;
  readonly loadedAt: number;
  readonly reloads: number;
  readonly failures: number;
  /** Why the present files were refused. Undefined if they are active. */
  readonly failure: string | undefined;
}
