/** The services and messages of the proto files, with generated codecs: the oracle of tests and benchmarks. */
import { fileURLToPath } from 'node:url';
import * as protoLoader from '@grpc/proto-loader';
import type { CheckRequest, CheckResponse } from '../src/grpc/check-messages.ts';
import { encodeCheckResponse } from '../src/grpc/encode-response.ts';
import { serviceName } from '../src/grpc/protocol.ts';

const directory = fileURLToPath(new URL('../proto', import.meta.url));
const files = ['envoy/service/auth/v3/external_auth.proto', 'grpc/health/v1/health.proto'];

export const packageDefinition = protoLoader.loadSync(files, {
  includeDirs: [directory],
  longs: Number,
  enums: String,
  defaults: false,
  oneofs: false,
});

/** With our own encoder, see `encodeCheckResponse`. */
export const checkMethod = {
  ...(packageDefinition[serviceName] as unknown as Service<'Check', CheckRequest, CheckResponse>).Check,
  responseSerialize: (response: CheckResponse) => encodeCheckResponse(response),
};

interface HealthCheckRequest {
  readonly service?: string;
}
export const healthMethods = packageDefinition['grpc.health.v1.Health'] as unknown as Service<
  'Check' | 'Watch',
  HealthCheckRequest,
  { readonly status?: string }
>;

type Service<Name extends string, Request, Response> = Readonly<
  Record<Name, protoLoader.MethodDefinition<Request, Response>>
>;
