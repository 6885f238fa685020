import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestEnded } from './issuer-metrics.ts';
import { Meter } from './meter.ts';

/** The memory of used proofs in this process. */
export interface UsedState {
  readonly size: number;
  readonly bytes: number;
  readonly capacity: number;
}

/** Adds the metrics of the memory of used proofs to a registry. It is empty while a store remembers. */
export function addUsedMetrics(registry: Registry, used: () => UsedState): void {
  const meter = new Meter(registry);
  meter.gauge('peerproof_used_proofs', 'Proofs that this process remembers.', () => used().size);
  meter.gauge('peerproof_used_proofs_bytes', 'Memory of these proofs, estimated.', () => used().bytes);
  meter.gauge(
    'peerproof_used_proofs_limit_bytes',
    'The most memory of these proofs (`limits.usedProofMemory`). A full one refuses further proofs.',
    () => used().capacity,
  );
}

/**
 * Adds the metrics of the shared store to a registry. Call it only if there is one: `up` would say otherwise.
 * @param store called at each scrape
 * @returns counts the questions about proofs
 */
export function addStoreMetrics(
  registry: Registry,
  store: () => { readonly failure: string | undefined; readonly failingSince: number | undefined },
): RequestEnded {
  const meter = new Meter(registry);
  meter.gauge(
    'peerproof_store_up',
    '1 if the store answered when it was last asked, else 0. It is asked once a second.',
    () => Number(store().failure === undefined),
    'min',
  );
  meter.gauge(
    'peerproof_store_failing_since_timestamp_seconds',
    'When the present failures of the store began. 0 if it answers.',
    () => (store().failingSince ?? 0) / 1_000,
    'max',
  );
  const requests = new Counter({
    name: 'peerproof_store_requests_total',
    help: 'Questions to the store whether a proof was used, by outcome: `answered`, or `failed`.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'peerproof_store_request_duration_seconds',
    help: 'Time of a question to the store, also of one that failed.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [registry],
  });
  // A series that begins with its first failure would hide that failure from `rate`.
  for (const outcome of ['answered', 'failed']) requests.inc({ outcome }, 0);
  return (outcome, seconds) => {
    requests.inc({ outcome });
    duration.observe(seconds);
  };
}
