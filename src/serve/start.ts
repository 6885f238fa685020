import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { consoleAccess } from '../config/console-access.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import type { Evidence } from '../core/evidence.ts';
import { needsBody } from '../core/needs-body.ts';
import { compactHeap } from '../lib/compact-heap.ts';
import { inTurns } from '../lib/in-turns.ts';
import { startAdminServer } from '../operate/admin-server.ts';
import { EventLoop } from '../operate/event-loop.ts';
import { Lifecycle, type Running } from '../operate/lifecycle.ts';
import { LineTap } from '../operate/line-tap.ts';
import { createLineLog } from '../operate/log-line.ts';
import { createMetrics } from '../operate/metrics.ts';
import { metricsPage } from '../operate/metrics-text.ts';
import { node } from '../operate/node-name.ts';
import { reportOpenPorts } from '../operate/open-ports.ts';
import { summarizeReadiness, tooBusyText } from '../operate/readiness.ts';
import { createReporter } from '../operate/reporter.ts';
import { addRevocationMetrics } from '../operate/revocation-metrics.ts';
import { Samples } from '../operate/samples.ts';
import { registerService } from '../operate/service-metrics.ts';
import { addSigningMetrics } from '../operate/signing-metrics.ts';
import { SilentSources } from '../operate/silent-sources.ts';
import { RuleTally } from '../operate/tally.ts';
import { addTrustMetrics } from '../operate/trust-metrics.ts';
import { Bulkheads } from '../sources/bulkhead.ts';
import { createCacheStates } from './cache-states.ts';
import { createCheckMaker } from './check-of-generation.ts';
import type { ConsoleSource, ProcessView, ViewOptions } from './console-source.ts';
import { openDoors } from './doors.ts';
import { createGeneration, type Generation, makeGeneration } from './generation.ts';
import { publishedKeys } from './internal-token.ts';
import { limitStates } from './limit-states.ts';
import { publicKeys } from './public-keys.ts';
import { Reloading } from './reloading.ts';
import { createRunningEvents } from './running-events.ts';
import { createRevocations } from './running-revocations.ts';
import { createRunningStore } from './running-store.ts';
import { createRunningTeams } from './running-teams.ts';
import { RunningTelemetry } from './running-telemetry.ts';
import type { ServeOptions } from './serve-options.ts';
import { servingCertificates } from './serving-certificates.ts';
import { createShadow } from './shadow.ts';
import { startAll, stopAll, without } from './source-set.ts';
import { createWeaknessReport } from './weakness-report.ts';

/** Rules that each look at the console shows: there can be ten thousand. */
const fewRules = 20;

/** Milliseconds that the sources of a new configuration get before it is used without them. */
const firstTry = 10_000;

/**
 * Creates and starts all parts: sources, core, doors, log, metrics. Only this file knows all of them.
 * @throws if a port cannot be listened on
 */
export async function serve(
  loaded: LoadedConfig,
  { log, clock = Date.now, onDropped, reload, usedProofs, openConsole, openAdmin, nonceKey }: ServeOptions,
): Promise<Running> {
  let { format } = loaded.config.log;
  const serviceLog = createLineLog(log, () => format);
  const sayWeak = createWeaknessReport(serviceLog);
  sayWeak(loaded.warnings);
  // With several processes, the primary logs this.
  if (!reload?.handedOver) reportOpenPorts(loaded.openPorts, serviceLog);
  const bulkheads: Bulkheads = new Bulkheads(() => running.loaded.config.limits.waitingChecks);
  const metrics = createMetrics(() => running.issuers.map((issuer) => issuer.state()));
  const store = createRunningStore(loaded, {
    ...{ clock, bulkheads, log: serviceLog, registry: metrics.registry },
    memory: usedProofs ?? (() => running.loaded.config.limits.usedProofMemory),
  });
  let opening: Promise<void> | undefined;
  const revocations = createRevocations({
    opened: () => opening,
    ...{ clock, log: serviceLog, store: store.shared, settings: () => running.loaded.config.revocation },
  });
  const context = {
    ...{ clock, bulkheads, revocations, nonceKey },
    ...{ usedProofs: store.usedProofs, requestsOf: metrics.requestsOf },
    report: createReporter(serviceLog),
  };
  store.sayAlone(loaded.config);
  let running: Generation = createGeneration(loaded, context);
  const tap = new LineTap(log);
  const tally = new RuleTally();
  const samples = new Samples(metrics.totals, clock);
  const { admin: address } = loaded.config.listen;
  const access = () => consoleAccess(running.loaded, address.host);
  const permitConsole = () => {
    tap.isOn = (openConsole ?? openAdmin) !== undefined && access().to !== 'nobody';
  };
  permitConsole();

  let restartNeeded = false;
  const caches = createCacheStates(() => running.policy);
  onDropped?.(metrics.dropped);
  const compare = createShadow({
    ...{ current: () => running.shadow, clock, log: serviceLog },
    count: metrics.compared,
  });
  const telemetry = new RunningTelemetry({
    ...{ registry: metrics.registry, log: serviceLog, node, traces: true },
    // With several processes, the primary exports the metrics of all.
    readMetrics: reload?.handedOver ? undefined : () => metrics.registry.getMetricsAsJSON(),
  });
  await telemetry.adopt(loaded);
  const createCheckOf = createCheckMaker({
    ...{ clock, metrics, telemetry, tap, tally, log: serviceLog },
    // The shadow of another configuration may read headers that the door has passed over.
    compareBeside: (policy) => (running.shadow && running.policy === policy ? compare : undefined),
  });
  let answer = createCheckOf(running);
  const check: Check = (evidence, door, deadline, call) => answer(evidence, door, deadline, call);

  const life = new Lifecycle(() => running.loaded.config.drain, serviceLog);
  const loop = new EventLoop();
  const teams = createRunningTeams({
    ...{ loaded, clock, log: serviceLog, registry: metrics.registry },
    ...{ handling: reload?.teams, follow: reload?.followTeams },
    replace: (make) => reloading.replace(() => make(running.loaded)),
  });
  const reloading: Reloading = new Reloading({
    load: async (lastGood) => teams.note((await reload?.load(lastGood)) ?? running.loaded),
    files: reload?.files ?? [],
    handedOver: reload?.handedOver,
    adopt,
    current: () => running,
    log: serviceLog,
  });
  registerService(metrics.registry, {
    configuration: () => reloading.state(),
    restartNeeded: () => restartNeeded,
    caches: caches.states,
    limits: () => running.loaded.config.limits,
    loop,
  });
  const bundles = () => [...running.bundles.values()].map((bundle) => bundle.state());
  addRevocationMetrics(metrics.registry, () => revocations.state());
  addTrustMetrics(metrics.registry, bundles, () => servingCertificates(running.loaded), clock);
  addSigningMetrics(metrics.registry, () => running.signing?.state());
  const states = () => ({
    issuers: running.issuers.map((issuer) => issuer.state()),
    bundles: bundles(),
    store: store.shared?.state(),
  });
  const waits = () => running.loaded.config.readiness === 'issuers';
  const silentSources = new SilentSources({ states, waits, log: serviceLog });
  const readiness = () => {
    const silence = silentSources.silence(life.state);
    const own = summarizeReadiness(life.state, states(), reloading.state(), loop, silence, teams.owned());
    return teams.withWatch(own);
  };
  const source: ConsoleSource = {
    ...{ access, tap },
    loaded: () => running.loaded,
    views: async (options) => [view(options)],
  };
  const admin = openAdmin
    ? await openAdmin(address, readiness, metrics.registry, source)
    : await startAdminServer(address, readiness, metricsPage(metrics.registry), openConsole?.(source));
  const inForce = {
    resources: () => running.policy.resources,
    published: () => publishedKeys(running.loaded.config, running.signing),
    needsBody: (evidence: Evidence) =>
      [running.policy, running.shadow?.policy].some((policy) => policy && needsBody(evidence, policy)),
  };
  const events = createRunningEvents({
    ...{ clock, bulkheads, log: serviceLog, registry: metrics.registry, store: store.shared },
    ...{ report: context.report, running: () => running },
  });
  compactHeap();
  const doors = await events
    .open()
    .then(async (pushed) => ({ ...(await openDoors(loaded, check, clock, inForce)), events: pushed }))
    .catch(async (error) => {
      await Promise.all([events.stop(), admin.close()]);
      throw error;
    });
  loop.start(() => running.loaded.config.limits.eventLoopDelay);
  samples.start();
  if (reload) reloading.start();
  opening = store.shared?.start();
  const started = Promise.all([startAll(running.sources, running.needed), opening]);
  // A transmitter that hangs is no reason to refuse checks.
  void events.adopt();
  const tried = Promise.all([started.then(() => silentSources.report()), teams.adopt(loaded)]);
  return life.begin({ ...doors, admin, tried, reload: () => reloading.now(), stop });

  /** What this process shows on the console. */
  function view({ allRules, keys }: ViewOptions = {}): ProcessView {
    const { issuers, bundles } = states();
    const used = { inFlight: metrics.inFlight(), issuers, caches: caches.states(), loop, queue: log.queue };
    return {
      ...{ issuers, bundles, state: life.state, tooBusy: tooBusyText(loop) },
      configuration: { ...reloading.state(), restartNeeded },
      limits: limitStates(used, running.loaded.config.limits),
      samples: samples.read(),
      rules: allRules ? tally.read() : tally.top(fewRules),
      ...(keys && { keys: publicKeys(running.issuers, clock()) }),
    };
  }

  /** All parts are created and tried before the first check uses them. Then all of them change at once. */
  async function adopt(next: LoadedConfig): Promise<void> {
    const before = running;
    const generation = await inTurns(makeGeneration(next, context, before));
    const fresh = without(generation.sources, before.sources);
    await Promise.race([startAll(fresh, generation.needed), sleep(firstTry, undefined, { ref: false })]);
    await telemetry.adopt(next);
    if (life.state === 'draining') return stopAll(fresh);
    if (generation.policy.tokenCache !== before.policy.tokenCache) caches.retire(before.policy);
    // A process that is ready by now stays ready, also if the next configuration names a silent issuer.
    silentSources.silence(life.state);
    running = generation;
    if (before.revocations !== generation.revocations) before.revocations?.stop(); // Both would write into one list.
    permitConsole();
    answer = createCheckOf(generation);
    format = next.config.log.format;
    restartNeeded = !doors.adopt(next) || !isDeepStrictEqual(next.config.store, loaded.config.store);
    if (restartNeeded)
      serviceLog.warn(
        { event: 'restart_needed', version: next.version },
        'listen, grpc, store or the kind of TLS has changed: a restart applies it',
      );
    sayWeak(next.warnings);
    store.sayAlone(next.config);
    if (next.own !== before.loaded.own) silentSources.report();
    void teams.adopt(next);
    void events.adopt();
    // Checks under way finish with the previous configuration. Its caches are released earlier.
    const idle = without(before.sources, generation.sources);
    setTimeout(() => stopAll(idle), before.loaded.config.limits.checkTimeout).unref();
  }

  function stop(): Promise<void> {
    reloading.stop();
    teams.stop();
    loop.stop();
    silentSources.stop();
    samples.stop();
    stopAll(running.sources);
    void events.stop();
    store.shared?.stop();
    return telemetry.close();
  }
}
