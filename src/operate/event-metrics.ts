import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';

/** Counts tokens of a transmitter. 0 shows the series. */
export type CountEvents = (transmitter: string, result: string, tokens: number) => void;

/** Adds the metric of security events to a registry. */
export function addEventMetrics(registry: Registry): CountEvents {
  const events = new Meter(registry).counter(
    'peerproof_security_events_total',
    'Security event tokens of a transmitter, by result: `revoked`, `understood` (it revokes nothing), `ignored` (its type or subject means nothing here), `replayed`, `refused`, or `failed` (it could not be kept, and is sent again).',
    ['transmitter', 'result'],
  );
  return (transmitter, result, tokens) => events.inc({ transmitter, result }, tokens);
}
