import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** What `/readyz` tells: whether checks should be sent here, and of each issuer whether its keys are there. */
export interface Readiness {
  readonly ready: boolean;
  readonly state: 'starting' | 'serving' | 'draining';
  /** Why it is not, where it is because of too much work. */
  readonly too_busy?: string;
  /** Which one is at work, and what is wrong with the files as they are now. */
  readonly configuration?: {
    readonly version: string;
    readonly loaded_at: string;
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
  readonly failure?: string;
}

export interface BundleReadiness {
  readonly authorities: number;
  readonly age_s?: number;
  readonly failure?: string;
}

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/healthz` (the process answers), `/readyz` (it should be asked: 200 or 503, with detail) and `/metrics`. Nothing here
 * decides anything or changes anything; it is on a port of its own so that it can be kept from clients.
 */
export async function startAdminServer(
  address: { readonly host: string; readonly port: number },
  readiness: () => Readiness,
  registry: Pick<Registry, 'contentType' | 'metrics'>,
): Promise<AdminServer> {
  // Made once for all who ask at the same time: it takes milliseconds, and the checks wait for it.
  let metrics: Promise<string> | undefined;
  const readMetrics = () => {
    metrics ??= registry.metrics().finally(() => {
      metrics = undefined;
    });
    return metrics;
  };
  const pages: Record<string, () => Promise<[status: number, type: string, body: string]>> = {
    '/healthz': async () => [200, 'application/json', '{"alive":true}\n'],
    '/readyz': async () => {
      const state = readiness();
      return [state.ready ? 200 : 503, 'application/json', `${JSON.stringify(state)}\n`];
    },
    '/metrics': async () => [200, registry.contentType, await readMetrics()],
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = request.method === 'GET' || request.method === 'HEAD' ? pages[path] : undefined;
    const answer =
      Object.hasOwn(pages, path) && page
        ? page()
        : Promise.resolve([404, 'text/plain', 'not found\n'] as const);
    answer.then(
      ([status, type, body]) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  // Whoever sends many at once is served some of them.
  server.maxRequestsPerSocket = 100;
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
