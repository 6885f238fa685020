import type { Registry } from 'prom-client';
import { Meter } from './meter.ts';

/** Adds the metric of security events to a registry. @returns counts one token of a transmitter */
export function addEventMetrics(registry: Registry): (transmitter: string, result: string) => void {
  const events = new Meter(registry).counter(
    'peerproof_security_events_total',
    'Security event tokens of a transmitter, by result: `revoked`, `understood` (it revokes nothing), `ignored` (its type or subject means nothing here), `replayed`, `refused`, or `failed` (it could not be kept, and is sent again).',
    ['transmitter', 'result'],
  );
  return (transmitter, result) => events.inc({ transmitter, result });
}
