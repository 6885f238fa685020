import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Follow } from '../core/check.ts';
import type { Files } from '../sources/fingerprint.ts';
import type { ExportCounters, SpanCounters } from './counters.ts';
import { openMetricExports } from './metric-exports.ts';
import type { ReadMetrics } from './metric-producer.ts';
import { createOutlet } from './outlet.ts';
import type { TelemetrySettings } from './settings.ts';
import type { SpanFacts } from './span.ts';
import { openTraces } from './traces.ts';

export interface TelemetryOptions {
  readonly files: Files;
  readonly log: Logger;
  /** The name of this pod or host. */
  readonly node: string;
  /** Absent in a process that answers no checks. */
  readonly spans?: SpanCounters | undefined;
  /** Absent in a process whose metrics another one exports. */
  readonly metrics?: { readonly read: ReadMetrics; readonly counters: ExportCounters } | undefined;
}

export interface Telemetry {
  /** Makes the function that chooses the checks of one configuration. Undefined without traces. */
  readonly followWith: ((facts: SpanFacts) => Follow) | undefined;
  /** Sends what waits, and gives up after `within` milliseconds. Never rejects. */
  close(within: number): Promise<void>;
}

/** Starts the exports of OpenTelemetry. Only this file and those that it imports load the SDK. */
export function openTelemetry(settings: TelemetrySettings, options: TelemetryOptions): Telemetry {
  const { spans, metrics } = options;
  const outlet = createOutlet(settings, options);
  const traces = settings.traces && spans && openTraces(settings.traces, outlet, spans);
  const exports = settings.metrics && metrics && openMetricExports(settings.metrics, outlet, metrics);
  return {
    followWith: traces?.followWith,
    async close(within) {
      const ended = Promise.allSettled([traces?.shutdown(), exports?.shutdown()]);
      await Promise.race([ended, sleep(within, undefined, { ref: false })]);
    },
  };
}
