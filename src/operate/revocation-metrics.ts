import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';

/** What a process knows of revocations. */
export interface RevocationState {
  /** Where they are kept. */
  readonly place: 'store' | 'file';
  readonly count: number;
  readonly bytes: number;
  readonly capacity: number;
  /** Seconds since they were read. Undefined if they never were. */
  readonly age: number | undefined;
  readonly failure: string | undefined;
}

/** Adds the metrics of revocations to a registry. Without `revocation` they have no values. */
export function addRevocationMetrics(registry: Registry, state: () => RevocationState | undefined): void {
  const meter = new Meter(registry);
  const one = (read: (now: RevocationState) => number | undefined) => () => {
    const now = state();
    const value = now && read(now);
    return now && value !== undefined ? [[now.place, value] as const] : [];
  };
  meter.gauges(
    'peerproof_revocations',
    'Revocations that a process knows.',
    'place',
    one(({ count }) => count),
    'max',
  );
  meter.gauges(
    'peerproof_revocations_bytes',
    'Memory of the revocations of a process, estimated.',
    'place',
    one(({ bytes }) => bytes),
    'max',
  );
  meter.gauges(
    'peerproof_revocations_limit_bytes',
    'The most memory of the revocations of a process (`revocation.memory`). When it is full, new ones are refused.',
    'place',
    one(({ capacity }) => capacity),
    'min',
  );
  meter.gauges(
    'peerproof_revocations_age_seconds',
    'Seconds since the revocations were read. They are read once a second.',
    'place',
    one(({ age }) => age),
    'max',
  );
  meter.gauges(
    'peerproof_revocations_up',
    '1 if the last attempt to read the revocations succeeded, else 0.',
    'place',
    one(({ failure }) => (failure === undefined ? 1 : 0)),
    'min',
  );
}
