import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What Envoy asked, as plain protobuf JSON with snake_case names. */
// biome-ignore lint/suspicious/noExplicitAny: tests read single members of a deep message
export type StubCheck = any;

/** What to answer: a CheckResponse with snake_case names, or a gRPC status code for a failed call. */
export type StubAnswer = Record<string, unknown> | { grpcError: number };

/** An authorizer that says what it is told, to test the test's own Envoy and to compare with. */
export interface ExtAuthzStub {
  readonly port: number;
  readonly checks: readonly StubCheck[];
  readonly last: StubCheck;
  answer(next: StubAnswer | ((check: StubCheck) => StubAnswer)): void;
  /** What its `grpc.health.v1` says; SERVING at first. */
  serving(yes: boolean): void;
  stop(): Promise<void>;
}

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const KEPT_CHECKS = 1_000;

export const ALLOW: StubAnswer = { status: { code: 0 }, ok_response: {} };
export const DENY: StubAnswer = { status: { code: 7 }, denied_response: { status: { code: 403 } } };

/** Starts it on 127.0.0.1; it allows until told otherwise. */
export async function startExtAuthzStub(first: StubAnswer = ALLOW): Promise<ExtAuthzStub> {
  const definition = loadSync(['envoy/service/auth/v3/external_auth.proto', 'grpc/health/v1/health.proto'], {
    includeDirs: [PROTO],
    keepCase: true,
    defaults: false,
    enums: String,
  });
  const service = definition['envoy.service.auth.v3.Authorization'];
  if (!service || typeof service === 'function' || 'format' in service)
    throw new TypeError('proto/ has no Authorization');
  const checks: StubCheck[] = [];
  let answer: (check: StubCheck) => StubAnswer = () => first;
  const server = new grpc.Server();
  server.addService(service as grpc.ServiceDefinition, {
    Check: (call: grpc.ServerUnaryCall<StubCheck, unknown>, callback: grpc.sendUnaryData<unknown>): void => {
      checks.push(call.request);
      if (checks.length > KEPT_CHECKS) checks.shift();
      const next = answer(call.request);
      if ('grpcError' in next) callback({ code: next.grpcError as number, details: 'told to fail' });
      else callback(null, next);
    },
  });
  let status = 'SERVING';
  const health = definition['grpc.health.v1.Health'] as grpc.ServiceDefinition;
  server.addService({ Check: health.Check } as grpc.ServiceDefinition, {
    Check: (_call: unknown, callback: grpc.sendUnaryData<unknown>): void => callback(null, { status }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    checks,
    get last() {
      return checks.at(-1);
    },
    answer: (next) => {
      answer = typeof next === 'function' ? next : () => next;
    },
    serving: (yes) => {
      status = yes ? 'SERVING' : 'NOT_SERVING';
    },
    stop: async () => server.forceShutdown(),
  };
}
