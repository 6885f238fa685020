import type { Registry } from 'prom-client';
import { createInjectMetrics } from '../../src/inject/metrics.ts';
import { EventLoop } from '../../src/operate/event-loop.ts';
import { addEventMetrics } from '../../src/operate/event-metrics.ts';
import { createMetrics } from '../../src/operate/metrics.ts';
import { addOwnerMetrics } from '../../src/operate/owner-metrics.ts';
import { addRevocationMetrics } from '../../src/operate/revocation-metrics.ts';
import { addRulesWatchMetrics } from '../../src/operate/rules-watch-metrics.ts';
import { registerService } from '../../src/operate/service-metrics.ts';
import { addSigningMetrics } from '../../src/operate/signing-metrics.ts';
import { addStoreMetrics, addUsedMetrics } from '../../src/operate/store-metrics.ts';
import { addTrustMetrics } from '../../src/operate/trust-metrics.ts';
import { addExportCounters, addSpanCounters } from '../../src/telemetry/counters.ts';
import { createPrimaryMetrics } from '../../src/workers/primary.ts';

type Row = readonly string[];

/** As much of a metric as prom-client keeps, and does not put into its types. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** The metrics of `serve`. They are read from the registry itself, so the page lists what there is. */
export function metricRows(): readonly Row[] {
  return rowsOf(serviceRegistry());
}

/** The registry of a process that serves, without values. */
export function serviceRegistry(): Registry {
  const { registry } = createMetrics(() => []);
  registerService(registry, {
    configuration: () => ({ version: '', loadedAt: 0, failure: undefined, reloads: 0, failures: 0 }),
    restartNeeded: () => false,
    caches: () => [],
    limits: () => ({ waitingChecks: 0, eventLoopDelay: 0 }),
    loop: new EventLoop(),
  });
  addTrustMetrics(
    registry,
    () => [],
    () => [],
    () => 0,
  );
  addUsedMetrics(registry, () => ({ size: 0, bytes: 0, capacity: 0 }));
  addStoreMetrics(registry, () => ({ failure: undefined, failingSince: undefined }));
  addSigningMetrics(registry, () => undefined);
  addOwnerMetrics(registry, () => []);
  addRulesWatchMetrics(registry, () => undefined);
  addEventMetrics(registry);
  addRevocationMetrics(registry, () => undefined);
  addSpanCounters(registry);
  addExportCounters(registry);
  return registry;
}

/** Those that `serve --workers N` adds. */
export function workerMetricRows(): readonly Row[] {
  return rowsOf(createPrimaryMetrics(() => undefined).registry);
}

export function injectMetricRows(): readonly Row[] {
  return rowsOf(createInjectMetrics(() => []).registry);
}

function rowsOf(registry: Registry): readonly Row[] {
  const metrics = registry.getMetricsAsArray() as unknown as readonly Described[];
  return metrics
    .filter(({ name }) => name.startsWith('peerproof_'))
    .map(({ name, help, type, labelNames = [] }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
}
