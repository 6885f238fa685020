import { hash, randomUUID } from 'node:crypto';
import { type DestinationStream, pino } from 'pino';
import type { LoadedConfig } from './config/load.ts';
import { createPolicy } from './config/policy.ts';
import type { Config } from './config/schema.ts';
import { createDecide } from './decide.ts';
import { type GrpcServer, startGrpcServer } from './envoy/server.ts';
import { type AdminServer, type Readiness, startAdminServer } from './operate/admin-server.ts';
import { createDecisionLog } from './operate/decision-log.ts';
import { createMetrics } from './operate/metrics.ts';
import { createIssuer, type RunningIssuer } from './sources/issuers.ts';

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
  const { config, files, warnings } = loaded;
  const serviceLog = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    log,
  );
  for (const warning of warnings) serviceLog.warn({ event: 'weak_setting' }, warning);

  const issuers = Object.entries(config.issuers).map(([name, issuer]) =>
    createIssuer(name, issuer, { files, clock, report: reporter(serviceLog) }),
  );
  const metrics = createMetrics(() => issuers.map((issuer) => issuer.state()));
  onDropped?.(metrics.dropped);
  const policy = createPolicy(
    config,
    issuers.map(({ issuer }) => issuer),
    (token) => hash('sha256', token, 'base64url'),
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
  const ready = Promise.all(issuers.map((issuer) => issuer.start())).then(() => {
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
      drained ??= drain(grpc, admin, issuers, config.drain).then(() => {
        serviceLog.info({ event: 'stopped' }, 'stopped');
      });
      return drained;
    },
  };
}

async function drain(
  grpc: GrpcServer,
  admin: AdminServer,
  issuers: readonly RunningIssuer[],
  { delay, timeout }: Config['drain'],
) {
  // Calls go on being answered while proxies notice: whoever closes first, loses a call.
  grpc.setServing(false);
  await new Promise((resolve) => setTimeout(resolve, delay));
  await grpc.close(timeout);
  for (const issuer of issuers) issuer.stop();
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
    const { issuer, keyAge, failure } = running.state();
    return [
      issuer,
      {
        keys: keyAge !== undefined,
        ...(keyAge !== undefined && { age_s: Math.round(keyAge) }),
        ...(failure && { failure }),
      },
    ] as const;
  });
  return { ready: state === 'serving', state, issuers: Object.fromEntries(entries) };
}

function reporter(log: pino.Logger) {
  const failing = new Set<string>();
  // Said when it changes and at each failure; a good refresh every few minutes is no news.
  return (issuer: string, failure: string | undefined): void => {
    if (failure !== undefined)
      log.warn({ event: 'keys_unavailable', issuer, failure }, 'the keys of an issuer could not be fetched');
    else if (failing.has(issuer))
      log.info({ event: 'keys_available', issuer }, 'the keys of an issuer are there again');
    if (failure === undefined) failing.delete(issuer);
    else failing.add(issuer);
  };
}
