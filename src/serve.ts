import { hash, randomUUID } from 'node:crypto';
import type { DestinationStream, Logger } from 'pino';
import type { LoadedConfig } from './config/load.ts';
import { createPolicy } from './config/policy.ts';
import type { Config } from './config/schema.ts';
import { createDecide } from './decide.ts';
import { type GrpcServer, startGrpcServer } from './envoy/server.ts';
import { type AdminServer, type Readiness, startAdminServer } from './operate/admin-server.ts';
import { createDecisionLog } from './operate/decision-log.ts';
import { createLineLog } from './operate/log-line.ts';
import { createMetrics } from './operate/metrics.ts';
import { createIssuers, type RunningIssuer } from './sources/issuers.ts';
import { createBundles } from './sources/trust-bundle.ts';

export interface ServeOptions {
  /** Where decision log and service log go, one JSON object a line. */
  readonly log: DestinationStream;
  readonly clock?: () => number;
  /** Told of a way to count lines that the destination gives up. */
  readonly onDropped?: (count: () => void) => void;
}

/** A running Peerproof. */
export interface Running {
  readonly grpcPort: number;
  readonly adminPort: number;
  /** Resolves when every issuer was tried once and checks are served. */
  readonly ready: Promise<void>;
  /** Turns proxies away, waits for `drain.delay`, answers what is under way, and ends. Safe to call twice. */
  drain(): Promise<void>;
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

  let state: Readiness['state'] = 'starting';
  const admin = await startAdminServer(
    config.listen.admin,
    () => readinessOf(state, issuers),
    metrics.registry,
  );
  const grpc = await startGrpcServer({ ...grpcOptions(config, files), decide }).catch(async (error) => {
    await admin.close();
    throw error;
  });
  const ready = Promise.all([...issuers, ...bundles.values()].map((source) => source.start())).then(() => {
    if (state !== 'starting') return;
    state = 'serving';
    grpc.setServing(true);
    serviceLog.info({ event: 'serving', grpc: grpc.port, admin: admin.port }, 'serving');
  });

  let drained: Promise<void> | undefined;
  return {
    grpcPort: grpc.port,
    adminPort: admin.port,
    ready,
    drain() {
      state = 'draining';
      drained ??= drain(grpc, admin, [...issuers, ...bundles.values()], config.drain).then(() => {
        serviceLog.info({ event: 'stopped' }, 'stopped');
      });
      return drained;
    },
  };
}

async function drain(
  grpc: GrpcServer,
  admin: AdminServer,
  sources: readonly { stop(): void }[],
  { delay, timeout }: Config['drain'],
) {
  // Calls go on being answered while proxies notice: whoever closes first, loses a call.
  grpc.setServing(false);
  await new Promise((resolve) => setTimeout(resolve, delay));
  await grpc.close(timeout);
  for (const source of sources) source.stop();
  await admin.close();
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

function readinessOf(state: Readiness['state'], issuers: readonly RunningIssuer[]): Readiness {
  const entries = issuers.map((running) => {
    const { issuer, keys, keyAge, asked, failure } = running.state();
    const known = keys && {
      keys: keyAge !== undefined,
      ...(keyAge !== undefined && { age_s: Math.round(keyAge) }),
    };
    const answers = asked && { answers: !asked.open };
    return [issuer, { ...known, ...answers, ...(failure && { failure }) }] as const;
  });
  return { ready: state === 'serving', state, issuers: Object.fromEntries(entries) };
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
