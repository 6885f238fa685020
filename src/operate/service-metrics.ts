import type { Registry } from 'prom-client';
import { readBuild } from './build.ts';
import type { EventLoop } from './event-loop.ts';
import { Meter } from './meter.ts';
import type { CacheState, ConfigurationState } from './states.ts';

export interface ServiceStates {
  readonly configuration: () => ConfigurationState;
  /** Whether the configuration in the files has a part that only a restart applies. */
  readonly restartNeeded: () => boolean;
  readonly caches: () => readonly CacheState[];
  /** The limits of the active configuration. `eventLoopDelay` is in milliseconds. */
  readonly limits: () => { readonly waitingChecks: number; readonly eventLoopDelay: number };
  readonly loop: Pick<EventLoop, 'delay'>;
}

/** Metrics of the process itself: its build, its active configuration, its limits, caches and event loop. */
export function registerService(registry: Registry, states: ServiceStates): void {
  const { configuration: state, restartNeeded, limits, loop } = states;
  const meter = new Meter(registry);
  const build = readBuild();
  meter.infos(
    'peerproof_build_info',
    'The version of Peerproof and that of Node.',
    ['version', 'node'],
    () => [build],
  );
  meter.infos('peerproof_configuration_info', 'The version of the active configuration.', ['version'], () => [
    { version: state().version },
  ]);
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
  meter.gauge(
    'peerproof_configuration_restart_needed',
    '1 while a part of the configuration waits for a restart, else 0.',
    () => Number(restartNeeded()),
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
  meter.gauge(
    'peerproof_checks_waiting_limit',
    'The most checks that may wait for issuers (`limits.waitingChecks`).',
    () => limits().waitingChecks,
  );
  registerCaches(meter, states);
  meter.gauges(
    'peerproof_event_loop_delay_seconds',
    'Delay of the event loop in the last second.',
    'stat',
    () => Object.entries(loop.delay),
    'max',
  );
  meter.gauge(
    'peerproof_event_loop_delay_limit_seconds',
    'The mean delay above which the process is not ready (`limits.eventLoopDelay`).',
    () => limits().eventLoopDelay / 1000,
    'max',
  );
}

function registerCaches(meter: Meter, { caches }: ServiceStates): void {
  const each = (read: (cache: CacheState) => number) => () =>
    caches().map((cache) => [cache.cache, read(cache)] as const);
  meter.counts(
    'peerproof_cache_hits_total',
    'Look-ups that found an entry.',
    'cache',
    each(({ hits }) => hits),
  );
  meter.counts(
    'peerproof_cache_misses_total',
    'Look-ups that found nothing.',
    'cache',
    each(({ misses }) => misses),
  );
  meter.gauges(
    'peerproof_cache_bytes',
    'Memory of all entries of a cache, estimated.',
    'cache',
    each(({ bytes }) => bytes),
  );
  meter.gauges(
    'peerproof_cache_limit_bytes',
    'The most memory of a cache. A full one drops its older half, so it stays below.',
    'cache',
    each(({ capacity }) => capacity),
  );
}
