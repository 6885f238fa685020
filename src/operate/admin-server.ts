import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { hasBody } from '../lib/has-body.ts';
import { listen } from '../lib/listen.ts';
import { isLoopback, isLoopbackHost } from '../lib/loopback.ts';
import { createServer } from '../lib/node-http.ts';
import { OneAtATime } from '../lib/one-at-a-time.ts';
import { type ConsoleDoor, isConsolePath } from './console-door.ts';
import { paced } from './paced.ts';
import { RequestPace } from './request-pace.ts';

/**
 * The body of `/readyz`: whether checks should be sent here, and whether the keys of each issuer are loaded.
 * `reason` is a name, as in the log. `failure` and `refused` hold URLs and paths, so they are shown on a
 * loopback address only.
 */
export interface Readiness {
  readonly ready: boolean;
  readonly state: 'starting' | 'serving' | 'draining';
  /** Set if the process is not ready because it is overloaded. */
  readonly too_busy?: string;
  /** Issuers and trust bundles that have never answered. With `readiness: issuers` a start waits for them. */
  readonly never_answered?: readonly string[];
  /** The active configuration, and what is wrong with the present files. */
  readonly configuration?: {
    readonly version: string;
    readonly loaded_at: string;
    readonly reason?: string;
    readonly refused?: string;
  };
  /** Only with several processes. */
  readonly workers?: { readonly wanted: number; readonly serving: number; readonly restarts: number };
  readonly issuers: Readonly<Record<string, IssuerReadiness>>;
  /** Only trust domains with a bundle. */
  readonly bundles?: Readonly<Record<string, BundleReadiness>>;
  /** Only with `store`. An outage of it does not make this service unready. */
  readonly store?: StoreReadiness;
  /** Only with `rulesFrom`: where rules of teams are read, and what is wrong there. */
  readonly rules_from?: Readonly<Record<string, RulesFromReadiness>>;
  /** Only teams whose rules are not all at work as they are written now. */
  readonly owners?: Readonly<Record<string, OwnerReadiness>>;
}

/** The state of one issuer. An outage never makes this service unready: other issuers are not affected. */
export interface IssuerReadiness {
  /** Whether its keys are loaded. Absent if tokens are only verified by asking it. */
  readonly keys?: boolean;
  readonly age_s?: number;
  /**
   * False if its last answer was a failure, and while the circuit breaker is open. Absent if its keys are
   * enough.
   */
  readonly answers?: boolean;
  readonly reason?: string;
  readonly failure?: string;
}

export interface StoreReadiness {
  readonly answers: boolean;
  readonly reason?: string;
  readonly failure?: string;
}

export interface BundleReadiness {
  readonly authorities: number;
  readonly age_s?: number;
  readonly reason?: string;
  readonly failure?: string;
}

export interface RulesFromReadiness {
  readonly objects: number;
  /** Since it was last heard. Absent if it never was. */
  readonly age_s?: number;
  /** The objects are those of the cache file. */
  readonly cached?: true;
  readonly reason?: string;
  readonly failure?: string;
}

export interface OwnerReadiness {
  readonly reason: string;
  /** At work. */
  readonly rules: number;
  readonly failure?: string | undefined;
}

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Milliseconds between two renderings of the metrics. */
const metricsEvery = 250;
const mostConnections = 128;

/**
 * Serves `/healthz` (the process answers), `/readyz` (whether it should receive checks: 200 or 503, with the
 * names of the problems) and `/metrics`. These pages decide and change nothing. They have their own port, so
 * that it can be kept from clients. A client that asks too often has to wait, because the same thread answers
 * checks.
 * @param door has the paths below `/console`, and says itself who may see them
 */
export async function startAdminServer(
  address: { readonly host: string; readonly port: number },
  readiness: () => Readiness,
  registry: Pick<Registry, 'contentType' | 'metrics'>,
  door?: ConsoleDoor,
): Promise<AdminServer> {
  const readMetrics = paced(() => registry.metrics(), metricsEvery);
  // The listening address decides, not the client's: behind a sidecar every client comes from this machine. A page of another
  // site can reach a loopback address by a name of its own.
  const hidden = (host = '') =>
    isLoopback(address.host) && isLoopbackHost(host) ? undefined : withoutDetails;
  const pages: Record<string, (host?: string) => Promise<[status: number, type: string, body: string]>> = {
    '/healthz': async () => [200, 'application/json', '{"alive":true}\n'],
    '/readyz': async (host) => {
      const state = readiness();
      return [state.ready ? 200 : 503, 'application/json', `${JSON.stringify(state, hidden(host))}\n`];
    },
    '/metrics': async () => [200, registry.contentType, await readMetrics()],
  };
  const pace = new RequestPace();
  const open = new Set<Socket>();
  const endless = new WeakSet<Socket>();
  const each = new OneAtATime();
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = request.method === 'GET' || request.method === 'HEAD' ? pages[path] : undefined;
    const { socket } = request;
    const answer = async () => {
      if (isConsolePath(path) && door?.isOpen())
        return door.answer({ request, response, keepOpen: () => endless.add(socket) });
      const isKnown = Object.hasOwn(pages, path) && page;
      const [status, type, body] = isKnown
        ? await page(request.headers.host)
        : ([404, 'text/plain', 'not found\n'] as const);
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (!each.begin(request, response)) return;
    // A body can be endless, and whatever is left of it would be read after the answer.
    if (hasBody(request)) response.setHeader('connection', 'close');
    const wait = pace.take(socket, performance.now(), open.size);
    (wait > 0 ? sleep(wait).then(answer) : answer()).catch(() => {
      if (response.headersSent) socket.destroy();
      else response.writeHead(500, { connection: 'close' }).end();
    });
  });
  server.maxRequestsPerSocket = 100;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Closes the oldest connection. The newest may be a probe, which decides about a restart. The console
    // has a few connections that live long, and bounds them itself.
    if (open.size > mostConnections) [...open].find((one) => !endless.has(one))?.destroy();
  });
  const openedPort = await listen(server, address);
  return {
    port: openedPort,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

/** Removes URLs and paths, which would show a stranger where secrets are. The log has them. */
function withoutDetails(name: string, value: unknown): unknown {
  return typeof value === 'string' && (name === 'failure' || name === 'refused') ? undefined : value;
}
