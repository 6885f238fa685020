import type { App } from '../test/support/app.ts';
import { request } from '../test/support/client.ts';
import { type Envoy, type HttpListener, startEnvoy } from '../test/support/envoy.ts';
import type { Asker, Way } from './asker.ts';
import type { Workloads } from './workloads.ts';

/**
 * A real Envoy as the sidecar of orders, with the filters that Istio renders for a CUSTOM AuthorizationPolicy and XFCC as
 * a sidecar writes it. One listener for each way. A client certificate is optional, so that requests without one can be shown.
 */
export function startSidecar({ ca, orders }: Workloads, app: App, grpcPort: number): Promise<Envoy> {
  const listener = (way: Way): HttpListener => ({
    name: way,
    mtls: { ...orders, caPem: ca.certPem, requireClientCertificate: false },
    extAuthz: { grpc: { ports: [grpcPort] }, istioPair: true, includePeerCertificate: way === 'PEM' },
    upstream: { port: app.port },
    // Connects an allowed request with its line of the decision log.
    routes: [
      {
        prefix: '/',
        requestHeadersToAdd: {
          'x-decision-id': '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:decision_id)%',
        },
      },
    ],
  });
  return startEnvoy({ listeners: [listener('PEM'), listener('XFCC')] });
}

/** Sends requests through Envoy. The application says whether a request reached it. */
export function envoyAsker(envoy: Envoy, app: App, { ca }: Workloads): Asker {
  return {
    async ask(way, { method, path, headers, peer }) {
      const before = app.seen;
      const answer = await request(
        { port: envoy.port(way), tls: { caPem: ca.certPem, ...peer } },
        { method, path, headers },
      );
      const reached = app.seen > before ? app.requests.at(-1)?.headers : undefined;
      const named = reached?.find(([name]) => name === 'x-decision-id')?.[1];
      return { status: answer.status, decisionId: named ?? decisionIdIn(answer.body), reached };
    },
  };
}

/** A refusal carries its decision's id in the body. */
export function decisionIdIn(body: string): string | undefined {
  try {
    return JSON.parse(body).decision_id;
  } catch {
    return undefined;
  }
}
