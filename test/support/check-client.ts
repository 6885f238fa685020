import * as grpc from '@grpc/grpc-js';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { packageDefinition } from '../../tools/protocol.ts';
import type { ClientTls } from './client.ts';

/** A CheckResponse as it was received, with camelCase names. */
// biome-ignore lint/suspicious/noExplicitAny: tests read single members of a deep message
export type CheckAnswer = any;

/** Speaks to Peerproof's gRPC port itself, as Envoy would. Calls reject with grpc-js's ServiceError. */
export interface CheckClient {
  /** `metadata` becomes headers of the call itself. A list is sent as several headers. */
  check(
    request: CheckRequest,
    deadlineMs?: number,
    metadata?: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<CheckAnswer>;
  /** What `grpc.health.v1` says; the whole server by default. */
  health(service?: string): Promise<string>;
  close(): void;
}

/** Opens it with one connection of its own. */
export function openCheckClient(port: number, tls?: ClientTls): CheckClient {
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  const credentials = tls
    ? grpc.credentials.createSsl(bytes(tls.caPem), bytes(tls.keyPem), bytes(tls.certPem), {
        checkServerIdentity: () => undefined,
      })
    : grpc.credentials.createInsecure();
  const client = new grpc.Client(`127.0.0.1:${port}`, credentials, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.ssl_target_name_override': 'localhost',
  });
  const unary = (
    service: string,
    name: string,
    request: unknown,
    deadlineMs = 30_000,
    metadata: Readonly<Record<string, string | readonly string[]>> = {},
  ) => {
    const method = (packageDefinition[service] as grpc.ServiceDefinition)[name];
    if (!method) throw new TypeError(`no ${service}/${name}`);
    const headers = new grpc.Metadata();
    for (const [key, values] of Object.entries(metadata))
      for (const value of [values].flat()) headers.add(key, value);
    return new Promise<CheckAnswer>((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        headers,
        { deadline: Date.now() + deadlineMs },
        (error: grpc.ServiceError | null, answer: unknown) => (error ? reject(error) : resolve(answer)),
      );
    });
  };
  return {
    check: (request, deadlineMs, metadata) =>
      unary('envoy.service.auth.v3.Authorization', 'Check', request, deadlineMs, metadata),
    health: async (service = '') => (await unary('grpc.health.v1.Health', 'Check', { service })).status,
    close: () => client.close(),
  };
}

/** An HTTP check with the least that makes sense. */
export function httpCheck(token?: string, more: Record<string, string> = {}): CheckRequest {
  return {
    attributes: {
      request: {
        http: {
          method: 'GET',
          host: 'app.test',
          path: '/',
          headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...more },
        },
      },
    },
  };
}
