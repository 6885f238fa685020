import type { ServerHttp2Stream } from 'node:http2';
import { type Listener, type ListenerOptions, listenHttp2 } from '../../http2/listener.ts';
import type { ServerTls } from '../../http2/server-tls.ts';
import { createSessions, type Incoming, type Owed, type SessionTimes } from '../../http2/sessions.ts';
import { Intake, type IntakeBounds } from './intake.ts';
import { compressed, IncomingMessage, type Received, Unread } from './message.ts';
import { fail, failHttp } from './reply.ts';
import { status } from './status.ts';
import { timeoutOf } from './timeout.ts';

/** One method of a service. */
export interface Method {
  /** Its stream stays open for as long as its client listens, and owes no answer. */
  readonly listens?: boolean;
  /** `deadline` is the caller's, in milliseconds since the epoch. Must not throw. */
  receive(stream: ServerHttp2Stream, message: Buffer, deadline: number): void;
  /** There is no message; by default a gRPC error says so. */
  refuse?(stream: ServerHttp2Stream, why: Unread, deadline: number): void;
}

/** Milliseconds, and connections. */
export interface GrpcLimits extends SessionTimes {
  /** For a TLS handshake, and for the first bytes of a connection. */
  readonly head: number;
  readonly connections: number;
}

export const defaultGrpcLimits: GrpcLimits = {
  head: 5_000,
  // A proxy that went away without a word is noticed within half a minute.
  rest: 15_000,
  stall: 60_000,
  // A connection that is closed just when the proxy uses it again costs a check, so the proxy has to be the one that closes.
  idle: Number.POSITIVE_INFINITY,
  grace: 500,
  connections: 10_000,
};

/** Bytes of a message that may be sent before they are read: more than all but checks with a body have. */
const window = 65_535;
/**
 * Of the header lines of a call, of which a proxy sends some hundred bytes; but it may hand on the `tracestate` of a client.
 * More than the nine frames that nghttp2 takes of a head: a call whose head is larger than this has no answer.
 */
const headBytes = 262_144;
const headerLines = 256;
const MB = 1_048_576;

/** 64 MiB of messages that are not whole, and eight of the largest in any case. */
function intakeBounds(maxMessageBytes: number): IntakeBounds {
  return { bytes: Math.max(64 * MB, 8 * maxMessageBytes), window, patience: 5_000, stall: 500 };
}

export interface GrpcListenOptions extends Pick<ListenerOptions, 'host' | 'port' | 'tls'> {
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /** By their path. */
  readonly methods: ReadonlyMap<string, Method>;
}

export interface GrpcListener extends Listener {
  replaceCertificate(tls: ServerTls): void;
}

/** gRPC over HTTP/2 (its `PROTOCOL-HTTP2.md`), as much of it as the calls of a proxy need: no compression, no metadata. */
export function listenGrpc(
  { host, port, tls, maxMessageBytes, maxConcurrentStreams, methods }: GrpcListenOptions,
  limits: GrpcLimits = defaultGrpcLimits,
): Promise<GrpcListener> {
  const intake = new Intake(intakeBounds(maxMessageBytes));
  const bounds = { streams: maxConcurrentStreams, window, headBytes, headerLines };
  const { head, connections } = limits;
  const sessions = createSessions(bounds, limits, serve);
  return listenHttp2({ host, port, tls, head, connections }, sessions);

  function serve(stream: ServerHttp2Stream, { headers }: Incoming): Owed {
    const contentType = headers['content-type'];
    if (!isGrpc(contentType)) failHttp(stream, 415);
    else if (headers[':method'] !== 'POST') failHttp(stream, 405);
    else {
      const method = methods.get(headers[':path'] ?? '');
      if (!method) fail(stream, status.UNIMPLEMENTED, 'unknown method');
      else {
        const deadline = Date.now() + timeoutOf(headers['grpc-timeout']);
        const encoding = headers['grpc-encoding'] ?? 'identity';
        new IncomingMessage(stream, intake, maxMessageBytes, (received) =>
          dispatch(received, method, stream, deadline, encoding !== 'identity'),
        );
        return method.listens ? 'nothing' : 'answer';
      }
    }
    return 'answer';
  }
}

const unnamed = new Unread('check_malformed', 'it is compressed, and does not say how');

function dispatch(
  received: Received,
  method: Method,
  stream: ServerHttp2Stream,
  deadline: number,
  named: boolean,
): void {
  if (received === compressed && named)
    fail(stream, status.UNIMPLEMENTED, 'compression is not supported', {
      'grpc-accept-encoding': 'identity',
    });
  else if (received === compressed || received instanceof Unread) {
    const why = received === compressed ? unnamed : received;
    if (method.refuse) method.refuse(stream, why, deadline);
    else fail(stream, status.INTERNAL, why.detail);
  } else method.receive(stream, received, deadline);
}

/** With a message format and parameters, or without. */
function isGrpc(contentType: string | undefined): boolean {
  const base = 'application/grpc';
  if (!contentType?.startsWith(base)) return false;
  const next = contentType[base.length];
  return next === undefined || next === '+' || next === ';';
}
