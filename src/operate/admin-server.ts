import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { isLoopback } from '../lib/loopback.ts';
import { paced } from './paced.ts';
import { RequestPace } from './request-pace.ts';

/**
 * What `/readyz` tells: whether checks should be sent here, and of each issuer whether its keys are there. `reason` is a
 * name, as the log has it; `failure` and `refused` hold URLs and paths, and are only told on a loopback address.
 */
export interface Readiness {
  readonly ready: boolean;
  readonly state: 'starting' | 'serving' | 'draining';
  /** Why it is not, where it is because of too much work. */
  readonly too_busy?: string;
  /** Which one is at work, and what is wrong with the files as they are now. */
  readonly configuration?: {
    readonly version: string;
    readonly loaded_at: string;
    readonly reason?: string;
    readonly refused?: string;
  };
  /** Of a service with several processes. */
  readonly workers?: { readonly wanted: number; readonly serving: number; readonly restarts: number };
  readonly issuers: Readonly<Record<string, IssuerReadiness>>;
  /** Of trust domains with a bundle. */
  readonly bundles?: Readonly<Record<string, BundleReadiness>>;
}

/** What is known of one issuer. None of it makes this service unready: other issuers are not affected. */
export interface IssuerReadiness {
  /** Whether its keys are there; absent where it is only asked. */
  readonly keys?: boolean;
  readonly age_s?: number;
  /** Whether it is asked about tokens, or given a rest after outages; absent where its keys are enough. */
  readonly answers?: boolean;
  readonly reason?: string;
  readonly failure?: string;
}

export interface BundleReadiness {
  readonly authorities: number;
  readonly age_s?: number;
  readonly reason?: string;
  readonly failure?: string;
}

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the admin port, or whatever takes its place. */
export type OpenAdmin = (
  address: { readonly host: string; readonly port: number },
  readiness: () => Readiness,
  registry: Registry,
) => Promise<AdminServer>;

/** Milliseconds between two renderings of the metrics. */
const metricsEvery = 250;
const mostConnections = 128;

/**
 * `/healthz` (the process answers), `/readyz` (it should be asked: 200 or 503, with the names of what is wrong) and
 * `/metrics`. Nothing here decides anything or changes anything; it is on a port of its own so that it can be kept from
 * clients. Those who ask too much wait for their turn, since this is the thread that answers checks.
 */
export async function startAdminServer(
  address: { readonly host: string; readonly port: number },
  readiness: () => Readiness,
  registry: Pick<Registry, 'contentType' | 'metrics'>,
): Promise<AdminServer> {
  const readMetrics = paced(() => registry.metrics(), metricsEvery);
  // The address decides, and not who asks: behind a sidecar of Istio everybody comes from this machine.
  const hidden = isLoopback(address.host) ? undefined : withoutDetails;
  const pages: Record<string, () => Promise<[status: number, type: string, body: string]>> = {
    '/healthz': async () => [200, 'application/json', '{"alive":true}\n'],
    '/readyz': async () => {
      const state = readiness();
      return [state.ready ? 200 : 503, 'application/json', `${JSON.stringify(state, hidden)}\n`];
    },
    '/metrics': async () => [200, registry.contentType, await readMetrics()],
  };
  const pace = new RequestPace();
  const open = new Set<Socket>();
  const answering = new WeakSet<Socket>();
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = request.method === 'GET' || request.method === 'HEAD' ? pages[path] : undefined;
    const answer = async () => {
      if (!Object.hasOwn(pages, path) || !page) return [404, 'text/plain', 'not found\n'] as const;
      return page();
    };
    const { socket } = request;
    // Neither a probe nor Prometheus sends a request before the answer to the one before it.
    if (answering.has(socket)) {
      socket.destroy();
      return;
    }
    answering.add(socket);
    const wait = pace.take(socket, performance.now(), open.size);
    (wait > 0 ? sleep(wait).then(answer) : answer()).then(
      ([status, type, body]) => {
        answering.delete(socket);
        response.writeHead(status, { 'content-type': type }).end(body);
      },
      () => response.writeHead(500, { connection: 'close' }).end(),
    );
  });
  server.maxRequestsPerSocket = 100;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // The oldest goes, and not the newest: that may be a probe, which decides whether this process lives.
    const [oldest] = open;
    if (open.size > mostConnections) oldest?.destroy();
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(address.port, address.host, listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

/** A URL or a path tells a stranger where our secrets are. The reason stays; the log has the rest. */
function withoutDetails(name: string, value: unknown): unknown {
  return typeof value === 'string' && (name === 'failure' || name === 'refused') ? undefined : value;
}
