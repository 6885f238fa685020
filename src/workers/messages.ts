import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Readiness } from '../operate/admin-server.ts';

/** The metrics of one process, as prom-client hands them to another. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** What a worker says by itself, each second and whenever it is asked for metrics. */
export interface WorkerReport {
  readonly readiness: Readiness;
  /** Of the request with this number. */
  readonly metrics?: { readonly request: number; readonly snapshot: Snapshot };
}

/** What the primary asks a worker. */
export interface MetricsRequest {
  readonly metricsRequest: number;
}

/** What a worker asks the primary when it starts: what to serve with. */
export interface ConfigurationRequest {
  readonly configurationRequest: true;
}

/**
 * The last configuration that was good, with its secrets: it goes over the channel between the two processes, and neither
 * through an environment nor a command line, which others can read.
 */
export interface HandedOver {
  readonly configuration: {
    readonly file: string;
    readonly text: string;
    readonly files: readonly (readonly [name: string, content: string])[];
  };
  /** What is wrong with the files as they are now, if anything. */
  readonly refused?: string | undefined;
}
