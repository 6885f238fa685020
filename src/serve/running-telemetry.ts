import type { Registry } from 'prom-client';
import type { LoadedConfig } from '../config/load.ts';
import type { Follow } from '../core/check.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import { addExportCounters, addSpanCounters } from '../telemetry/counters.ts';
import type { ReadMetrics } from '../telemetry/metric-producer.ts';
import type { Telemetry, TelemetryOptions } from '../telemetry/open.ts';

export interface RunningTelemetryOptions extends Pick<TelemetryOptions, 'log' | 'node'> {
  readonly registry: Registry;
  /** Whether this process answers checks. */
  readonly traces: boolean;
  /** Absent if another process exports the metrics of this one. */
  readonly readMetrics?: ReadMetrics | undefined;
}

/** Milliseconds for the last export. The doors are closed by then, and a primary waits 5 seconds for a worker. */
const patience = 3_000;

/**
 * The exports of the configuration in use. The SDK is loaded when a configuration needs it for the first time,
 * so a service without `telemetry` never loads it.
 */
export class RunningTelemetry {
  readonly #options: RunningTelemetryOptions;
  #running: Telemetry | undefined;
  /** Those of earlier configurations, while checks under way may use them. */
  readonly #retired = new Set<Telemetry>();
  #fingerprint: string | undefined;
  #counted: Pick<TelemetryOptions, 'spans' | 'metrics'> | undefined;
  #isClosed = false;

  constructor(options: RunningTelemetryOptions) {
    this.#options = options;
  }

  /**
   * Opens the exports of a configuration, if they are not those that are open. If another configuration comes
   * while the SDK is loaded, only the last one counts.
   */
  async adopt({ config, files }: LoadedConfig): Promise<void> {
    const { telemetry: settings, limits } = config;
    const fingerprint = settings && takeFingerprint(settings, ['telemetry'], files);
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    const next = settings && (await import('../telemetry/open.ts')).openTelemetry;
    if (this.#isClosed || fingerprint !== this.#fingerprint) return;
    const before = this.#running;
    const { log, node } = this.#options;
    this.#running = settings && next?.(settings, { files, log, node, ...this.#count() });
    // Checks under way finish with the previous exports.
    if (!before) return;
    this.#retired.add(before);
    setTimeout(() => void this.#end(before), limits.checkTimeout).unref();
  }

  /** What chooses the checks of a configuration that was adopted. Undefined without traces. */
  followFor({ config, version }: LoadedConfig): Follow | undefined {
    const { omit, public: isPublicShown } = config.log;
    return this.#running?.followWith?.({ version, omit, public: isPublicShown });
  }

  /** Sends what waits. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#running?.close(patience), ...[...this.#retired].map((one) => this.#end(one))]);
  }

  async #end(retired: Telemetry): Promise<void> {
    if (this.#retired.delete(retired)) await retired.close(patience);
  }

  /** The counters outlive a configuration. There are none until the first that needs them. */
  #count(): Pick<TelemetryOptions, 'spans' | 'metrics'> {
    const { registry, traces, readMetrics: read } = this.#options;
    this.#counted ??= {
      ...(traces && { spans: addSpanCounters(registry) }),
      ...(read && { metrics: { read, counters: addExportCounters(registry) } }),
    };
    return this.#counted;
  }
}
