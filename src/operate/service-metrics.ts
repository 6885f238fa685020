import type { Registry } from 'prom-client';
import type { EventLoop } from './event-loop.ts';
import { Meter } from './meter.ts';
import type { ConfigurationState } from './states.ts';

/** Metrics of the process itself: its active configuration, and the delay of its event loop. */
export function registerService(registry: Registry, state: () => ConfigurationState, loop: EventLoop): void {
  const meter = new Meter(registry);
  meter.gauges(
    'peerproof_configuration_info',
    'The version of the active configuration.',
    'version',
    () => [[state().version, 1]],
    'max',
  );
  meter.gauge(
    'peerproof_configuration_loaded_timestamp_seconds',
    'When the active configuration was loaded.',
    () => state().loadedAt / 1000,
    'max',
  );
  meter.gauge(
    'peerproof_configuration_refused',
    '1 while the present configuration files are refused, else 0.',
    () => (state().failure === undefined ? 0 : 1),
    'max',
  );
  meter.counts(
    'peerproof_configuration_reloads_total',
    'Reloads of the configuration since the start, by result.',
    'result',
    () => [
      ['loaded', state().reloads],
      ['refused', state().failures],
    ],
  );
  meter.gauges(
    'peerproof_event_loop_delay_seconds',
    'Delay of the event loop in the last second.',
    'stat',
    () => Object.entries(loop.delay),
    'max',
  );
}
