import { hash, randomUUID } from 'node:crypto';
import type { DestinationStream, Logger } from 'pino';
import type { LoadedConfig } from './config/load.ts';
import { createPolicy } from './config/policy.ts';
import type { Config } from './config/schema.ts';
import { createDecide } from './decide.ts';
import { startGrpcServer } from './envoy/server.ts';
import { type Readiness, startAdminServer } from './operate/admin-server.ts';
import { createDecisionLog } from './operate/decision-log.ts';
import { Lifecycle, type LifeState, type Running } from './operate/lifecycle.ts';
import { createLineLog } from './operate/log-line.ts';
import { createMetrics } from './operate/metrics.ts';
import { createIssuers, type RunningIssuer } from './sources/issuers.ts';
import { createBundles } from './sources/trust-bundle.ts';
import type { RunningBundle } from './sources/trust-bundle-state.ts';

export interface ServeOptions {
  /** Where decision log and service log go, one JSON object a line. */
  readonly log: DestinationStream;
  readonly clock?: () => number;
  /** Told of a way to count lines that the destination gives up. */
  readonly onDropped?: (count: () => void) => void;
}

/**
 * Puts the parts together and starts them: sources, core, doors, log, metrics. The one place that knows all of them.
 * @throws where a port cannot be listened on.
 */
export async function serve(
  loaded: LoadedConfig,
  { log, clock = Date.now, onDropped }: ServeOptions,
): Promise<Running> {
  const { config, files, resolve, warnings } = loaded;
  const serviceLog = createLineLog(log);
  for (const warning of warnings) serviceLog.warn({ event: 'weak_setting' }, warning);

  const issuers = createIssuers(config, { files, resolve, clock, report: reporter(serviceLog, 'keys') });
  const bundles = createBundles(config.peers.trustDomains, {
    files,
    resolve,
    clock,
    report: reporter(serviceLog, 'bundle'),
  });
  const metrics = createMetrics(() => issuers.map((issuer) => issuer.state()));
  onDropped?.(metrics.dropped);
  const policy = createPolicy(
    config,
    issuers.map(({ issuer }) => issuer),
    (token) => hash('sha256', token, 'base64url'),
    bundles,
  );
  const writeDecision = createDecisionLog(log);
  const decide = createDecide({
    policy: () => policy,
    clock,
    newId: randomUUID,
    checkTimeout: config.limits.checkTimeout,
    observer: {
      started: metrics.started,
      decided(decision, evidence, door, microseconds) {
        metrics.decided(decision, door, microseconds);
        writeDecision(decision, evidence, door, microseconds, clock());
      },
    },
  });

  const life = new Lifecycle(config.drain, serviceLog);
  const readiness = () => readinessOf(life.state, issuers, [...bundles.values()]);
  const admin = await startAdminServer(config.listen.admin, readiness, metrics.registry);
  const grpc = await startGrpcServer({ ...grpcOptions(config, files), decide }).catch(async (error) => {
    await admin.close();
    throw error;
  });
  const sources = [...issuers, ...bundles.values()];
  return life.begin({ grpc, admin, sources, tried: Promise.all(sources.map((source) => source.start())) });
}

function grpcOptions({ listen, grpc, realm }: Config, files: ReadonlyMap<string, string>) {
  const read = (name: string) => files.get(name) ?? '';
  const tls = grpc.tls && {
    cert: read(grpc.tls.certFile),
    key: read(grpc.tls.keyFile),
    clientCa: grpc.tls.clientCaFile === undefined ? undefined : read(grpc.tls.clientCaFile),
  };
  return { ...listen.grpc, ...grpc, tls, realm };
}

function readinessOf(
  state: LifeState,
  issuers: readonly RunningIssuer[],
  bundles: readonly RunningBundle[],
): Readiness {
  const issuerEntries = issuers.map((running) => {
    const { issuer, keys, keyAge, asked, failure } = running.state();
    const known = keys && { keys: keyAge !== undefined, ...seconds(keyAge) };
    return [
      issuer,
      { ...known, ...(asked && { answers: !asked.open }), ...(failure && { failure }) },
    ] as const;
  });
  const bundleEntries = bundles.map((running) => {
    const { trustDomain, authorities, age, failure } = running.state();
    return [trustDomain, { authorities, ...seconds(age), ...(failure && { failure }) }] as const;
  });
  return {
    ready: state === 'serving',
    state,
    issuers: Object.fromEntries(issuerEntries),
    ...(bundles.length > 0 && { bundles: Object.fromEntries(bundleEntries) }),
  };
}

function seconds(age: number | undefined): { readonly age_s?: number } {
  return age === undefined ? {} : { age_s: Math.round(age) };
}

/** For the service log: `keys` of an issuer, or the `bundle` of a trust domain. */
function reporter(log: Logger, what: 'keys' | 'bundle') {
  const failing = new Set<string>();
  // Said when it changes and at each failure; a good refresh every few minutes is no news.
  return (of: string, failure: string | undefined): void => {
    if (failure !== undefined)
      log.warn({ event: `${what}_unavailable`, of, failure }, `${what} of ${of}: not available`);
    else if (failing.has(of))
      log.info({ event: `${what}_available`, of }, `${what} of ${of}: available again`);
    if (failure === undefined) failing.delete(of);
    else failing.add(of);
  };
}
