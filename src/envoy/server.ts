import * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { RefusalStyle } from '../answer.ts';
import { type Decide, failure } from '../decide.ts';
import { evidenceOf } from './check-request.ts';
import { checkResponseOf } from './check-response.ts';
import {
  authorizationService,
  type CheckRequest,
  type CheckResponse,
  packageDefinition,
  serviceName,
} from './protocol.ts';
import { ServerCertificate, type ServerTls } from './server-certificate.ts';

export interface CheckServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  readonly reflection: boolean;
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /** Must not reject: a gRPC error obeys failure_mode_allow. `deadline` is the caller's, in milliseconds since the epoch. */
  readonly answer: (request: CheckRequest, deadline: number) => Promise<CheckResponse>;
}

export interface GrpcServerOptions extends Omit<CheckServerOptions, 'answer'> {
  readonly style: () => RefusalStyle;
  readonly decide: Decide;
}

export interface GrpcServer {
  readonly port: number;
  /** What grpc.health.v1 answers, for the whole server and for the Authorization service. */
  setServing(serving: boolean): void;
  /** Another certificate for new connections; without TLS it does nothing. */
  replaceCertificate(tls: ServerTls): void;
  /** Takes no new calls and ends when those under way are answered, or after `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
}

/** Envoy's door: its checks become evidence, are decided and answered. */
export function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  return startCheckServer({
    ...options,
    answer: (request, deadline) => answer(request, deadline, options),
  });
}

/** Serves `envoy.service.auth.v3.Authorization/Check`, however it is answered, and the health service. */
export async function startCheckServer(options: CheckServerOptions): Promise<GrpcServer> {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': options.maxMessageBytes,
    'grpc.max_concurrent_streams': options.maxConcurrentStreams,
    'grpc.enable_channelz': 0,
    // A proxy that went away without a word is noticed within half a minute.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  const check: grpc.handleUnaryCall<CheckRequest, CheckResponse> = (call, callback) => {
    void options.answer(call.request, deadlineOf(call)).then((response) => callback(null, response));
  };
  server.addService(authorizationService, { check });
  const health = new HealthImplementation({ '': 'NOT_SERVING', [serviceName]: 'NOT_SERVING' });
  health.addToServer(server);
  if (options.reflection) new ReflectionService(packageDefinition).addToServer(server);

  const bind = Promise.withResolvers<number>();
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const certificate = options.tls && new ServerCertificate(options.tls);
  const credentials = certificate?.credentials() ?? grpc.ServerCredentials.createInsecure();
  server.bindAsync(`${host}:${options.port}`, credentials, (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  );
  return {
    port: await bind.promise,
    setServing(serving) {
      for (const service of ['', serviceName]) health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING');
    },
    replaceCertificate: (tls) => certificate?.replace(tls),
    close: (timeout) => close(server, timeout),
  };
}

/** Never rejects: a gRPC error obeys failure_mode_allow, so every failure has to be a denied_response. */
async function answer(
  request: CheckRequest,
  deadline: number,
  { decide, style }: GrpcServerOptions,
): Promise<CheckResponse> {
  try {
    return checkResponseOf(await decide(evidenceOf(request), 'grpc', deadline), style());
  } catch (error) {
    return checkResponseOf(failure(error), style());
  }
}

function deadlineOf(call: grpc.ServerUnaryCall<CheckRequest, CheckResponse>): number {
  const deadline = call.getDeadline();
  return typeof deadline === 'number' ? deadline : deadline.getTime();
}

async function close(server: grpc.Server, timeout: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    server.forceShutdown();
    resolve();
  }, timeout);
  server.tryShutdown(() => resolve());
  await promise;
  clearTimeout(timer);
}
