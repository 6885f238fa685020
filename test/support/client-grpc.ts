import * as grpc from '@grpc/grpc-js';
import type { ClientTls } from './client.ts';

export interface GrpcCall {
  port: number;
  tls?: ClientTls;
  /** Such as `/package.Service/Method`. */
  path: string;
  message: Uint8Array;
  /** In order; a key may repeat. */
  metadata?: readonly (readonly [string, string])[];
  /** 30 s by default. */
  deadlineMs?: number;
}

export interface GrpcAnswer {
  /** `grpc.status`; 0 is OK. */
  code: number;
  details: string;
  /** Present only when the code is 0. */
  message?: Buffer;
  headers: Record<string, unknown>;
  trailers: Record<string, unknown>;
}

const DEADLINE_MS = 30_000;

function credentials(tls: ClientTls | undefined): grpc.ChannelCredentials {
  if (!tls) return grpc.credentials.createInsecure();
  const bytes = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem));
  return grpc.credentials.createSsl(Buffer.from(tls.caPem), bytes(tls.keyPem), bytes(tls.certPem), {
    checkServerIdentity: () => undefined,
  });
}

/** One unary call with bytes for messages. A gRPC error is an answer here, not an exception. */
export function grpcUnary(call: GrpcCall): Promise<GrpcAnswer> {
  const client = new grpc.Client(`127.0.0.1:${call.port}`, credentials(call.tls), {
    // Each call has its own connection and so its own certificate, whatever a former call used.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.default_authority': 'app.test',
    // Without it grpc-js takes the address as the TLS server name, and Node 26 refuses an IP address there.
    'grpc.ssl_target_name_override': 'localhost',
  });
  const metadata = new grpc.Metadata();
  for (const [name, value] of call.metadata ?? []) metadata.add(name, value);
  return new Promise<GrpcAnswer>((resolve) => {
    let headers: Record<string, unknown> = {};
    let message: Buffer | undefined;
    const stream = client.makeUnaryRequest(
      call.path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      call.message,
      metadata,
      { deadline: Date.now() + (call.deadlineMs ?? DEADLINE_MS) },
      (_error, value) => {
        message = value;
      },
    );
    stream.once('metadata', (initial: grpc.Metadata) => {
      headers = initial.getMap();
    });
    stream.once('status', (status: grpc.StatusObject) => {
      resolve({
        code: status.code,
        details: status.details,
        ...(status.code === grpc.status.OK && message ? { message } : {}),
        headers,
        trailers: status.metadata.getMap(),
      });
    });
  }).finally(() => client.close());
}
