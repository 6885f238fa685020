/** The part of the configuration that concerns OpenTelemetry. Durations are in milliseconds. */
export interface TelemetrySettings {
  /** The base URL of OTLP over HTTP. */
  readonly endpoint: string;
  /** By header: the name of the file with its value. */
  readonly headerFiles: Readonly<Record<string, string>>;
  readonly caFile?: string | undefined;
  /** For one export, with all of its attempts. */
  readonly timeout: number;
  readonly serviceName?: string | undefined;
  /** Attributes of the resource, by name. */
  readonly resource: Readonly<Record<string, string>>;
  readonly traces?: TraceSettings | undefined;
  readonly metrics?: { readonly every: number } | undefined;
}

export interface TraceSettings {
  /** The share of the checks without a parent that get a span. */
  readonly sample: number;
  /** The most spans of one second, in each process. */
  readonly maxPerSecond: number;
}
