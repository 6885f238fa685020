import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { ExecutionContext } from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import type { DependencyError } from '../../src/core/denial.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import type { Identity } from '../../src/core/identity/identity.ts';
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from '../../src/grpc/check-server.ts';
import { defaultGrpcLimits, type GrpcLimits } from '../../src/grpc/transport/server.ts';
import { frameOf } from '../../tools/bench/frame.ts';
import { checkMethod } from '../../tools/protocol.ts';
import { explained } from '../support/answers.ts';
import { httpCheck } from '../support/check-client.ts';
import { checkCodec, type ReceivedResponse } from '../support/check-wire.ts';
import { withDeadline } from '../support/wait.ts';

export const patience = 10_000;
export const checkPath = checkMethod.path;
/** A whole message, with its prefix. */
export const goodFrame = frameOf(httpCheck('a.b.c'));

export interface Door {
  readonly port: number;
  readonly server: GrpcServer;
  readonly asked: { readonly evidence: Evidence; readonly deadline: number }[];
}

/** The gRPC door in front of a `check` that allows what it can read, when `until` resolves. It ends with the test. */
export async function openDoor(
  t: ExecutionContext,
  options: Partial<GrpcServerOptions> = {},
  limits: Partial<GrpcLimits> = {},
  until: () => Promise<void> = async () => {},
): Promise<Door> {
  const asked: Door['asked'] = [];
  const server = await startGrpcServer(
    {
      ...{ host: '127.0.0.1', port: 0, maxMessageBytes: 4_194_304, maxConcurrentStreams: 1_000 },
      style: () => explained,
      check: async (evidence, _door, deadline) => {
        asked.push({ evidence, deadline });
        await until();
        return decided(evidence);
      },
      ...options,
    },
    { ...defaultGrpcLimits, ...limits },
  );
  t.teardown(() => server.close(0));
  return { port: server.port, server, asked };
}

/** An allow with these headers, or the refusal of what cannot be read. */
export function decided({ flaw, outage }: Evidence, set: Identity['set'] = []): Decision {
  const base = { id: 'id', found: {} };
  const { reason, detail } = flaw ?? { reason: outage?.reason, detail: (outage as DependencyError)?.message };
  if (reason) return { ...base, effect: flaw ? 'deny' : 'unavailable', reason, detail };
  return {
    ...base,
    effect: 'allow',
    reason: 'allowed',
    identity: { set, remove: { names: [], unseen: '' } },
  };
}

/** @param ca of the certificate of the door. Undefined: without TLS */
export function openSession(t: ExecutionContext, port: number, ca?: string): ClientHttp2Session {
  const session = connect(`${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, {
    ca,
    maxSessionMemory: 1_000,
    maxSendHeaderBlockLength: 200_000,
  });
  session.on('error', () => {});
  session.setMaxListeners(0);
  t.teardown(() => session.destroy());
  return session;
}

export function open(session: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': checkPath,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

/** What a call ended with. */
export interface Ended {
  readonly head: IncomingHttpHeaders;
  /** Of gRPC; undefined where the stream was reset without one. */
  readonly status: string | undefined;
  readonly code: number | undefined;
  readonly response: ReceivedResponse | undefined;
}

export function ended(stream: ClientHttp2Stream): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let head: IncomingHttpHeaders = {};
  let status: string | undefined;
  const chunks: Buffer[] = [];
  stream.on('response', (received) => {
    head = received;
    status = received['grpc-status'] as string | undefined;
  });
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status']);
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('close', () => {
    const bytes = Buffer.concat(chunks);
    const response = bytes.length > 5 ? checkCodec.responseDeserialize(bytes.subarray(5)) : undefined;
    resolve({ head, status, code: response?.status?.code, response });
  });
  return withDeadline('the end of a call', patience, promise);
}

/** One whole call. */
export function call(
  session: ClientHttp2Session,
  body: Uint8Array = goodFrame,
  headers: Record<string, string> = {},
): Promise<Ended> {
  const stream = open(session, headers);
  const end = ended(stream);
  stream.end(body);
  return end;
}
