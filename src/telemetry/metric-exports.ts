import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { ExportCounters } from './counters.ts';
import { createMetricProducer, type ReadMetrics } from './metric-producer.ts';
import type { Outlet } from './outlet.ts';
import { watchExports } from './watched-exporter.ts';

/** Sends the metrics that `read` returns, every `every` milliseconds and once more at the end. */
export function openMetricExports(
  { every }: { readonly every: number },
  { optionsOf, resource, version, timeout, reportOf }: Outlet,
  { read, counters }: { readonly read: ReadMetrics; readonly counters: ExportCounters },
): { shutdown(): Promise<void> } {
  const report = reportOf('metrics');
  const exporter = watchExports(new OTLPMetricExporter(optionsOf('metrics')), timeout, (_, failure) => {
    if (failure !== undefined) counters.failed();
    report(failure);
  });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: every,
    // An export under way delays the next one, so it cannot be longer than the interval.
    exportTimeoutMillis: Math.min(timeout, every),
    metricProducers: [createMetricProducer(read, version)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return { shutdown: () => provider.shutdown() };
}
