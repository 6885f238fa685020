import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Problem } from '../config/problem.ts';
import type { ObjectChanges } from '../config/teams/object-changes.ts';
import type { SingleUse } from '../core/used/used-proofs.ts';
import type { Readiness } from '../operate/admin-server.ts';
import type { ProcessView, ViewOptions } from '../serve/console-source.ts';
import type { RuleObject } from '../sources/rule-objects.ts';

/** The metrics of one process, as prom-client passes them to another. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** A worker sends this every second, and when it is asked for more. */
export interface WorkerReport {
  readonly readiness: Readiness;
  /** For the request with this number. */
  readonly metrics?: { readonly request: number; readonly snapshot: Snapshot };
  /** For the request with this number. */
  readonly view?: { readonly request: number; readonly view: ProcessView };
}

/** A worker sends this once: why it cannot open its ports. Empty if they are open. */
export interface StartReport {
  readonly startProblems: readonly Problem[];
}

/** The primary asks a worker for its metrics. */
export interface MetricsRequest {
  readonly metricsRequest: number;
}

/** The primary asks a worker for what the console shows. Only while somebody looks at it. */
export interface ViewRequest {
  readonly viewRequest: number;
  readonly options: ViewOptions;
}

/** A worker asks the primary for its configuration when it starts. */
export interface ConfigurationRequest {
  readonly configurationRequest: true;
}

/**
 * The last good configuration, with its secrets. It is sent over the channel between the two processes. Other
 * processes could read an environment or a command line.
 */
export interface HandedOver {
  readonly configuration: {
    readonly file: string;
    readonly text: string;
    readonly files: readonly (readonly [name: string, content: string])[];
  };
  /** What teams wrote at the API server, which only the primary watches. */
  readonly objects: readonly RuleObject[];
  /** The key of nonces if no file has one: a client meets another process with each connection. */
  readonly nonceKey: string;
  /** What is wrong with the current files, if anything. */
  readonly refused?: string | undefined;
}

/** A worker asks the primary whether a proof was used. */
export interface UseRequest {
  readonly useRequest: number;
  readonly once: SingleUse;
  readonly owner: string;
  /** The time of the check. */
  readonly now: number;
}

/** Either whether it is the first use, or why that is not known. */
export interface UseAnswer {
  /** The number of the request. */
  readonly useAnswer: number;
  readonly isFirst?: boolean;
  readonly failure?: string;
}

/** The primary hands over what teams have written since at the API server. */
export interface ChangedObjects {
  readonly changedObjects: ObjectChanges;
}
