import { type App, startApp } from '../support/app.ts';
import type { Envoy, HttpListener, Listener } from '../support/envoy.ts';
import { GATEWAY_XFCC, startEnvoy } from '../support/envoy.ts';
import type { WorldName } from './case.ts';
import type { Fixture, Sender } from './fixture.ts';
import { endAll, type Running, startAll } from './running.ts';
import { type OpenStage, openStage } from './stage.ts';

/** The real Envoy before every configuration, and an application behind it. */
export interface EnvoyWorld {
  readonly stage: OpenStage;
  readonly running: Readonly<Record<WorldName, Running>>;
  readonly app: App;
  readonly envoy: Envoy;
  stop(): Promise<void>;
}

/** Starts everything; when one part fails, what was started is ended again. */
export async function startEnvoyWorld(): Promise<EnvoyWorld> {
  const cleanups: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const stage = await openStage();
    cleanups.push(stage.stop);
    const running = await startAll(stage.configs, () => stage.fixture.now);
    cleanups.push(() => endAll(running));
    const app = await startApp();
    cleanups.push(app.stop);
    const envoy = await startEnvoy({ listeners: listenersOf(stage.fixture, running, app) });
    cleanups.push(envoy.stop);
    return { stage, running, app, envoy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Two listeners for each configuration: one shows the certificate and normalises paths, one shows its hash, raw headers
 * and raw paths. A third takes any certificate, and paths as they are, though its headers are a map. All let pass what the authorizer fails to answer, so that nothing but a
 * denial keeps an attack out.
 */
function listenersOf(
  { ca, senders }: Fixture,
  running: Readonly<Record<WorldName, Running>>,
  app: App,
): Listener[] {
  const tls = ({ certPem, keyPem }: Sender) => ({ certPem, keyPem, caPem: ca.certPem });
  const own = { ...tls(senders.orders), requireClientCertificate: false };
  const listeners = Object.entries(running).flatMap(([world, { grpcPort }]): HttpListener[] => {
    const extAuthz = {
      grpc: { ports: [grpcPort] },
      failureModeAllow: true,
      timeoutMs: 10_000,
      withRequestBody: { maxRequestBytes: 65_536, allowPartialMessage: true },
    };
    const common = { mtls: own, upstream: { port: app.port } };
    const shown = { ...extAuthz, includePeerCertificate: true };
    return [
      { name: `${world}-certificate`, ...common, extAuthz: shown },
      {
        name: `${world}-hash`,
        ...common,
        normalizePath: false,
        extAuthz: {
          ...extAuthz,
          encodeRawHeaders: true,
          withRequestBody: { ...extAuthz.withRequestBody, packAsBytes: true },
        },
      },
      {
        name: `${world}-edge`,
        ...common,
        normalizePath: false,
        mtls: { ...own, acceptUntrusted: true },
        extAuthz: shown,
      },
    ];
  });
  const gateways = (['certificate', 'hash'] as const).map(
    (view): HttpListener => ({
      name: `gateway-${view}`,
      mtls: { ...tls(senders.gateway), requireClientCertificate: false },
      xfcc: GATEWAY_XFCC,
      normalizePath: false,
      upstream: { listener: `main-${view}`, tls: tls(senders.gateway) },
    }),
  );
  return [...listeners, ...gateways];
}
