import type { HrTime } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { metricData, type ReadMetric } from './metric-data.ts';

/** Reads all metrics as they are now. */
export type ReadMetrics = () => Promise<readonly ReadMetric[]>;

/**
 * Gives the metrics of prom-client to OpenTelemetry. So each event is counted once, and an export says the
 * same as `/metrics`.
 */
export function createMetricProducer(read: ReadMetrics, version: string): MetricProducer {
  const startTime: HrTime = hrTime();
  const scope = { name: 'peerproof', version };
  return {
    async collect() {
      const period = { startTime, endTime: hrTime() };
      const metrics = (await read()).flatMap((metric) => metricData(metric, period) ?? []);
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] },
        errors: [],
      };
    },
  };
}
