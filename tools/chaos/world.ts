import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type ApiServer, startApiServer } from '../../test/support/api-server.ts';
import { type App, startApp } from '../../test/support/app.ts';
import { type Ca, createCa, type Issued } from '../../test/support/ca.ts';
import { type Envoy, startEnvoy } from '../../test/support/envoy.ts';
import type { GrpcAuthorizer, HttpAuthorizer } from '../../test/support/envoy-options.ts';
import { IDS } from '../../test/support/identities.ts';
import { type JwksServer, startJwksServer } from '../../test/support/jwks-server.ts';
import { createSigner, type JwtSigner } from '../../test/support/jwt-signer.ts';
import { type Instance, type InstanceOptions, startInstance } from './instance.ts';
import { type Introspector, startIntrospector } from './introspector.ts';

/** What is ready before Peerproof starts. */
export interface Parts {
  readonly ca: Ca;
  readonly who: Readonly<Record<'client' | 'thief' | 'foreign' | 'orders' | 'authorizer', Issued>>;
  readonly app: App;
  readonly issuer: JwksServer;
  readonly signer: JwtSigner;
  readonly apiServer: ApiServer;
  readonly introspector: Introspector;
  /** A folder for additional files of a scenario. */
  readonly folder: string;
}

export interface World extends Parts {
  readonly config: ConfigInput;
  readonly instances: readonly Instance[];
  readonly peerproof: Instance;
  /** Listeners `closed` and `open`: what Envoy does when Peerproof fails, `failure_mode_allow` false and true. */
  readonly envoy: Envoy;
  /** Starts an instance in place of one that ended. */
  replace(old: Instance): Promise<Instance>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Changes of the usual configuration. */
  config?(parts: Parts, usual: ConfigInput): ConfigInput | Promise<ConfigInput>;
  instance?(parts: Parts): InstanceOptions;
  /** Called after everything has ended. */
  onStop?(): void;
  /** The number of instances. With more than one, Envoy checks their health. */
  readonly instances?: number;
  /** Envoy sends checks over HTTP/2, to the HTTP door. */
  readonly http?: true;
  /** How Envoy speaks to Peerproof. */
  tls?(parts: Parts): NonNullable<GrpcAuthorizer['tls']>;
}

/** How opaque tokens begin. What follows names the caller. */
export const OPAQUE = 'opaque-';
/** The path of the public rule, in scenarios that have one. */
export const PUBLIC = '/public';
/** Certificates are valid long before and after, so that a step of the clock affects only tokens. */
const DAY = 86_400_000;
/** Far longer than an answer takes: a machine that pauses for a moment is not the fault under test. */
const ENVOY_TIMEOUT_MS = 9_000;

/** Starts everything. If one part fails, it stops what was started. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const cleanups: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await build(options, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(options: WorldOptions, cleanups: (() => unknown)[]): Promise<Omit<World, 'stop'>> {
  if (options.onStop) cleanups.push(options.onStop);
  const parts = await startParts(cleanups);
  const usual = usualConfig(parts);
  const changed = (await options.config?.(parts, usual)) ?? usual;
  const config: ConfigInput = options.http
    ? { ...changed, http: { pathPrefix: '/check', xfcc: 'direct' } }
    : changed;
  const how = options.instance?.(parts);
  const start = async (ports?: InstanceOptions['ports']) => {
    const instance = await startInstance(config, { ...how, ...(ports && { ports }) });
    cleanups.push(instance.stop);
    return instance;
  };
  const { instances: count = 1 } = options;
  const instances = await Promise.all(Array.from({ length: count }, () => start()));
  const envoy = await startEnvoy({
    listeners: [false, true].map((failureModeAllow) => {
      const name = failureModeAllow ? 'open' : 'closed';
      const { certPem, keyPem } = parts.who.orders;
      const grpc: GrpcAuthorizer = {
        ports: instances.map(({ grpcPort }) => grpcPort),
        healthCheck: count > 1,
        ...(options.tls && { tls: options.tls(parts) }),
      };
      const http: HttpAuthorizer = {
        ports: instances.map(({ httpPort }) => httpPort),
        protocol: 'http2',
        pathPrefix: '/check',
        allowedUpstreamHeaders: ['x-auth-request-user'],
        allowedClientHeaders: ['content-type', 'www-authenticate', 'retry-after'],
      };
      return {
        name,
        mtls: { certPem, keyPem, caPem: parts.ca.certPem },
        upstream: { port: parts.app.port },
        extAuthz: {
          ...(options.http
            ? { http, allowedHeaders: ['authorization', 'x-forwarded-client-cert', 'x-auth-request-user'] }
            : { grpc }),
          failureModeAllow,
          istioPair: true,
          includePeerCertificate: true,
          timeoutMs: ENVOY_TIMEOUT_MS,
        },
      };
    }),
  });
  cleanups.push(envoy.stop);
  if (count > 1)
    for (const listener of ['closed', 'open']) await envoy.healthyAuthorizers(listener, count, 10_000);
  return {
    ...parts,
    config,
    instances,
    peerproof: instances[0] as Instance,
    envoy,
    replace: ({ grpcPort, httpPort, adminPort }) =>
      start({ grpc: grpcPort, http: httpPort, admin: adminPort }),
  };
}

async function startParts(cleanups: (() => unknown)[]): Promise<Parts> {
  const ca = await createCa();
  const [notBefore, notAfter] = [new Date(Date.now() - DAY), new Date(Date.now() + DAY)];
  const svid = (id: string) => ca.svid(id, { notBefore, notAfter });
  const who = {
    client: await svid(IDS.client),
    thief: await svid(IDS.thief),
    foreign: await svid(IDS.foreign),
    orders: await svid(IDS.orders),
    authorizer: await ca.server(),
  };
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-chaos-files-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const app = await startApp();
  cleanups.push(app.stop);
  const signer = createSigner('ES256');
  const issuer = await startJwksServer({ signers: [signer] });
  cleanups.push(issuer.stop);
  const apiServer = await startApiServer({ ca, caller: 'own-token' });
  cleanups.push(apiServer.stop);
  const introspector = await startIntrospector((token) =>
    token.startsWith(OPAQUE)
      ? {
          ...{ sub: 'alice', client_id: 'orders-client', aud: 'orders' },
          exp: Math.floor(Date.now() / 1000) + 600,
        }
      : undefined,
  );
  cleanups.push(introspector.stop);
  for (const [name, text] of [
    ['ca.pem', ca.certPem],
    ['own-token', 'own-token'],
    ['secret', 'introspection-secret'],
  ] as const)
    await writeFile(join(folder, name), text, { mode: 0o600 });
  return { ca, who, app, issuer, signer, apiServer, introspector, folder };
}

/** Short times, so that a scenario takes seconds. */
function usualConfig({ issuer, apiServer, introspector, folder }: Parts): ConfigInput {
  const common = { audiences: ['orders'], clockSkew: '1s', timeout: '2s' };
  return {
    issuers: {
      corp: { ...common, issuer: issuer.issuer, refresh: '1s', keep: '1m', coolDown: '500ms' },
      cluster: {
        ...common,
        issuer: apiServer.issuer,
        kubernetes: {
          verify: 'tokenReview',
          apiServer: apiServer.url,
          tokenFile: join(folder, 'own-token'),
        },
        ca: join(folder, 'ca.pem'),
        remember: '1s',
      },
      opaque: {
        ...common,
        introspection: {
          endpoint: introspector.endpoint,
          clientId: 'authorizer',
          clientSecretFile: join(folder, 'secret'),
        },
        remember: '1s',
      },
    },
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { 'orders-client': [IDS.client] },
    rules: [{ name: 'all' }],
    limits: { checkTimeout: '4s' },
    drain: { delay: '0ms', timeout: '5s' },
  };
}
