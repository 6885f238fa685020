import type { Registry } from 'prom-client';
import { Meter } from '../operate/meter.ts';

/** Why a span was not sent. */
export type DropCause = 'rate' | 'queue' | 'export';

/** Counts spans, in each process that answers checks. */
export function addSpanCounters(registry: Registry) {
  const meter = new Meter(registry);
  const exported = meter.counter(
    'peerproof_spans_exported_total',
    'Spans that the collector has taken. Only with `telemetry.traces`.',
  );
  const dropped = meter.counter(
    'peerproof_spans_dropped_total',
    'Spans that were dropped, by cause: `rate` (above `telemetry.traces.maxPerSecond`), `queue` (too many wait), `export` (the collector did not take them).',
    ['cause'],
  );
  return {
    exported: (spans: number) => exported.inc(spans),
    dropped: (cause: DropCause, spans = 1) => dropped.inc({ cause }, spans),
  };
}

export type SpanCounters = ReturnType<typeof addSpanCounters>;

/** Counts exports of metrics, in the process that has the admin port. */
export function addExportCounters(registry: Registry) {
  const failed = new Meter(registry).counter(
    'peerproof_metric_exports_failed_total',
    'Exports of metrics that the collector did not take. Only with `telemetry.metrics`.',
  );
  return { failed: () => failed.inc() };
}

export type ExportCounters = ReturnType<typeof addExportCounters>;
