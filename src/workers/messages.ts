import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Readiness } from '../operate/admin-server.ts';

/** The metrics of one process, as prom-client hands them to another. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** What a worker says by itself, each second and whenever it is asked for metrics. */
export interface Report {
  readonly readiness: Readiness;
  /** Of the request with this number. */
  readonly metrics?: { readonly request: number; readonly snapshot: Snapshot };
}

/** What the primary asks a worker. */
export interface MetricsRequest {
  readonly metricsRequest: number;
}
