import { setTimeout as sleep } from 'node:timers/promises';
import { consoleAccess } from '../config/console-access.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { TeamHandling } from '../config/teams/handling.ts';
import { changesOf } from '../config/teams/object-changes.ts';
import { UsedMemory } from '../core/used/used-memory.ts';
import { compactHeap } from '../lib/compact-heap.ts';
import { type Readiness, startAdminServer } from '../operate/admin-server.ts';
import { cut } from '../operate/json-line.ts';
import { LineTap } from '../operate/line-tap.ts';
import type { LogOptions } from '../operate/log-destination.ts';
import { createLineLog } from '../operate/log-line.ts';
import { Meter } from '../operate/meter.ts';
import { metricsText } from '../operate/metrics-text.ts';
import { node } from '../operate/node-name.ts';
import { reportOpenPorts } from '../operate/open-ports.ts';
import { addRulesWatchMetrics, withRulesWatch } from '../operate/rules-watch-metrics.ts';
import { addUsedMetrics } from '../operate/store-metrics.ts';
import { RulesWatch } from '../serve/rules-watch.ts';
import { RunningTelemetry } from '../serve/running-telemetry.ts';
import type { ServeOptions } from '../serve/serve-options.ts';
import type { RuleObject } from '../sources/rule-objects.ts';
import { LastGood } from './last-good.ts';
import { WorkerPool } from './worker-pool.ts';

/** Milliseconds that the rules of teams get before the workers start without them. */
const firstTry = 10_000;
/** Milliseconds after the configured drain until a worker is killed. */
const patience = 5_000;

/**
 * Serves with several processes. The workers answer the checks. This process has the admin port, their log
 * and their metrics.
 * @param args the arguments of a worker
 * @throws if a port cannot be listened on
 */
export async function serveWithWorkers(
  loaded: LoadedConfig,
  { size, args, exec }: { readonly size: number; readonly args: readonly string[]; readonly exec: string },
  { log, onDropped, openConsole }: LogOptions & Pick<ServeOptions, 'openConsole'>,
  reload: NonNullable<ServeOptions['reload']>,
): Promise<{ drain(): Promise<void>; reload(): Promise<void> }> {
  const lastGood: LastGood = new LastGood(loaded, reload, { onLoaded: adopt });
  const serviceLog = createLineLog(log, () => lastGood.loaded.config.log.format);
  reportOpenPorts(loaded.openPorts, serviceLog);
  const { config } = loaded;
  const tap = new LineTap(log);
  const access = () => consoleAccess(lastGood.loaded, config.listen.admin.host);
  permitConsole();
  const used = new UsedMemory(() => lastGood.loaded.config.limits.usedProofMemory);
  const crew = new WorkerPool({
    ...{ size, exec, args, used, log: serviceLog },
    handOver: () => lastGood.handOver(reload.teams),
    onLine: (line) => tap.write(line),
  });
  const own = createPrimaryMetrics(() => crew.readiness().workers);
  onDropped?.(own.dropped);
  addUsedMetrics(own.registry, () => used.state());
  const rules = reload.teams && watchRules(reload.teams);
  addRulesWatchMetrics(own.registry, () => rules?.state());
  const readiness = () => withRulesWatch(crew.readiness(), rules?.state());
  const metrics = async () => {
    const ofWorkers = await crew.metrics();
    return `${await metricsText(ofWorkers)}${await metricsText(own.registry)}`;
  };
  const telemetry = new RunningTelemetry({
    ...{ registry: own.registry, log: serviceLog, node, traces: false },
    async readMetrics() {
      const ofWorkers = await crew.metrics();
      return [...(await ofWorkers.getMetricsAsJSON()), ...(await own.registry.getMetricsAsJSON())];
    },
  });
  await telemetry.adopt(loaded);
  const { contentType } = own.registry;
  const door = openConsole?.({
    loaded: () => lastGood.loaded,
    views: (options) => crew.views(options),
    workers: () => crew.readiness().workers,
    ...{ access, tap },
  });
  const pages = { contentType, metrics };
  const admin = await startAdminServer(config.listen.admin, readiness, pages, door);
  lastGood.start();
  // So that a worker begins with the rules of teams.
  await Promise.race([rules?.adopt(loaded), sleep(firstTry, undefined, { ref: false })]);
  compactHeap();
  try {
    await crew.start();
  } catch (error) {
    lastGood.stop();
    rules?.stop();
    await crew.drain(0);
    await admin.close();
    throw error;
  }
  serviceLog.info({ event: 'workers', size, admin: admin.port }, 'workers started');
  let drained: Promise<void> | undefined;
  const drain = async () => {
    const { delay, timeout } = config.drain;
    lastGood.stop();
    rules?.stop();
    await crew.drain(delay + timeout + patience);
    await telemetry.close();
    await admin.close();
  };
  return {
    drain() {
      drained ??= drain();
      return drained;
    },
    async reload() {
      await lastGood.now();
      crew.signal('SIGHUP');
    },
  };

  /** What this process does itself with a configuration. The workers read the rest. */
  function adopt(next: LoadedConfig): void {
    permitConsole();
    void rules?.adopt(next);
    rules?.report(next.owners);
    void follow(next);
  }

  /** Watches for all workers, and hands over to them what has changed. */
  function watchRules(teams: TeamHandling): RulesWatch {
    let known: readonly RuleObject[] = [];
    const watch = new RulesWatch({
      ...{ handling: teams, clock: Date.now, log: serviceLog },
      async apply() {
        const { objects } = teams.atApiServer;
        await lastGood.readmit(teams);
        crew.tell({ changedObjects: changesOf(known, objects) });
        known = objects;
        watch.report(lastGood.loaded.owners);
      },
    });
    return watch;
  }

  function permitConsole(): void {
    tap.isOn = openConsole !== undefined && access().to !== 'nobody';
  }

  /** Never rejects. */
  async function follow(next: LoadedConfig): Promise<void> {
    try {
      await telemetry.adopt(next);
    } catch (error) {
      serviceLog.error(
        { event: 'telemetry_unavailable', failure: cut(String(error)) },
        'the exports of telemetry could not be started',
      );
    }
  }
}

/** Metrics that a worker cannot count. @param workers how many serve, and how many were replaced */
export function createPrimaryMetrics(workers: () => Readiness['workers']) {
  const meter = new Meter();
  const dropped = meter.counter(
    'peerproof_primary_log_lines_dropped_total',
    'Log lines of workers that were dropped because they were not read in time.',
  );
  meter.gauge('peerproof_workers', 'Workers that are serving.', () => workers()?.serving ?? 0);
  meter.count(
    'peerproof_worker_restarts_total',
    'Workers that ended and were replaced.',
    () => workers()?.restarts ?? 0,
  );
  return { registry: meter.registry, dropped: () => dropped.inc() };
}
