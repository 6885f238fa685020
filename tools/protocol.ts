/** The services and messages of the proto files, with generated codecs: the oracle of tests and benchmarks. */
import { fileURLToPath } from 'node:url';
import * as protoLoader from '@grpc/proto-loader';
import type { CheckRequest } from '../src/grpc/check-messages.ts';
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

/** A CheckResponse as a proxy decodes it. */
export interface ReceivedResponse {
  status?: { code?: number; message?: string };
  okResponse?: { headers?: ReceivedHeader[]; headersToRemove?: string[] };
  deniedResponse?: { status?: { code?: number | string }; headers?: ReceivedHeader[]; body?: string };
  errorResponse?: unknown;
  dynamicMetadata?: { fields?: Record<string, unknown> };
}

export interface ReceivedHeader {
  header?: { key?: string; value?: string };
  append?: { value?: boolean };
  appendAction?: string;
}

export const checkMethod = (
  packageDefinition[serviceName] as unknown as Service<'Check', CheckRequest, ReceivedResponse>
).Check;

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
