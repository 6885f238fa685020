import { Counter, Gauge, type Registry } from 'prom-client';
import type { ConfigurationState } from './configuration-state.ts';
import type { EventLoop } from './event-loop.ts';

/** Metrics of the process itself: its active configuration, and the delay of its event loop. */
export function registerService(
  registry: Registry,
  reloading: () => ConfigurationState,
  loop: EventLoop,
): void {
  const registers = [registry];
  new Gauge({
    name: 'peerproof_configuration_info',
    help: 'The version of the active configuration.',
    labelNames: ['version'] as const,
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      this.set({ version: reloading().version }, 1);
    },
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      aggregator: 'max',
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge(
    'peerproof_configuration_loaded_timestamp_seconds',
    'When the active configuration was loaded.',
    () => reloading().loadedAt / 1000,
  );
  gauge(
    'peerproof_configuration_refused',
    '1 while the present configuration files are refused, else 0.',
    () => (reloading().failure === undefined ? 0 : 1),
  );
  new Counter({
    name: 'peerproof_configuration_reloads_total',
    help: 'Reloads of the configuration since the start, by result.',
    labelNames: ['result'] as const,
    registers,
    collect() {
      const { reloads, failures } = reloading();
      this.reset();
      this.inc({ result: 'loaded' }, reloads);
      this.inc({ result: 'refused' }, failures);
    },
  });
  new Gauge({
    name: 'peerproof_event_loop_delay_seconds',
    help: 'Delay of the event loop in the last second.',
    labelNames: ['stat'] as const,
    aggregator: 'max',
    registers,
    collect() {
      for (const [stat, value] of Object.entries(loop.delay)) this.set({ stat }, value);
    },
  });
}
