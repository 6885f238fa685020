/** What is known of the configuration at work, for readiness and metrics. */
export interface ConfigurationState {
  readonly version: string;
  readonly loadedAt: number;
  readonly reloads: number;
  readonly failures: number;
  /** Why the files as they are now are not at work; undefined where they are. */
  readonly failure: string | undefined;
}
