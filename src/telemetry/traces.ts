import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Follow } from '../core/check.ts';
import type { SpanCounters } from './counters.ts';
import { createEpochOffset } from './epoch-offset.ts';
import { createFollow, type FollowedCheck } from './follow.ts';
import type { Outlet } from './outlet.ts';
import { createSampling } from './sampling.ts';
import type { TraceSettings } from './settings.ts';
import { createSpanWriter, type SpanFacts } from './span.ts';
import { watchExports } from './watched-exporter.ts';

/** Spans that wait for the collector, with those under way. A span has about 2 KB. */
const mostWaiting = 2_048;
/** Spans of one export. They are encoded at once, and no check is answered in that millisecond. */
const batch = 128;
/** Milliseconds that a span waits for others. When a process is killed, the spans of this time are lost. */
const delay = 1_000;

export interface Traces {
  /** Makes the function that chooses the checks of one configuration. */
  followWith(facts: SpanFacts): Follow;
  shutdown(): Promise<void>;
}

/** Makes spans of checks, and sends them. Takes no more than `mostWaiting`: the others are counted and dropped. */
export function openTraces(
  settings: TraceSettings,
  { optionsOf, resource, version, timeout, reportOf }: Outlet,
  counters: SpanCounters,
): Traces {
  let waiting = 0;
  const report = reportOf('traces');
  const exporter = watchExports(
    new OTLPTraceExporter(optionsOf('traces')),
    timeout,
    (spans: readonly unknown[], failure) => {
      waiting -= spans.length;
      if (failure === undefined) counters.exported(spans.length);
      else counters.dropped('export', spans.length);
      report(failure);
    },
  );
  const provider = new TracerProvider({
    resource,
    // The checks are chosen before there is a span.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: mostWaiting,
        maxExportBatchSize: batch,
        scheduledDelayMillis: delay,
        // The exporter is always earlier.
        exportTimeoutMillis: timeout + 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer('peerproof', version);
  const now = () => performance.now();
  const choose = createSampling(settings, now);
  const offset = createEpochOffset();
  return {
    followWith(facts) {
      const write = createSpanWriter(tracer, facts, offset);
      const onEnd = (check: FollowedCheck): void => {
        if (check.decision.reason === 'public' && !facts.public) return;
        if (waiting >= mostWaiting) {
          counters.dropped('queue');
          return;
        }
        waiting++;
        write(check);
      };
      return createFollow({ choose, onTooMany: () => counters.dropped('rate'), now, onEnd });
    },
    shutdown: () => provider.shutdown(),
  };
}
