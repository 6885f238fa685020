import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Intake, type IntakeBounds } from '../../http2/intake.ts';
import { type Listener, type ListenerOptions, listenHttp2 } from '../../http2/listener.ts';
import { announcedStreams } from '../../http2/node-options.ts';
import { createSessions, type Incoming, type Owed, type SessionTimes } from '../../http2/sessions.ts';
import { EndOfTurn } from '../../lib/end-of-turn.ts';
import { compressed, IncomingMessage, type Received, Unread } from './message.ts';
import { fail, failHttp } from './reply.ts';
import { status } from './status.ts';
import { timeoutOf } from './timeout.ts';

/** One method of a service. */
export interface Method {
  /** The stream stays open for as long as its client listens, and does not owe an answer. */
  readonly listens?: boolean;
  /** `deadline` is the caller's, in milliseconds since the epoch. Must not throw. */
  receive(stream: ServerHttp2Stream, message: Buffer, deadline: number, headers: IncomingHttpHeaders): void;
  /** Called when there is no readable message. The default is a gRPC error. */
  refuse?(stream: ServerHttp2Stream, why: Unread, deadline: number): void;
}

/** Times in milliseconds, and a number of connections. */
export interface GrpcLimits extends SessionTimes {
  /** For a TLS handshake, and for the first bytes of a connection. */
  readonly head: number;
  readonly connections: number;
}

export const defaultGrpcLimits: GrpcLimits = {
  head: 5_000,
  // Notices within half a minute that a proxy has vanished.
  rest: 15_000,
  stall: 60_000,
  // If we close a connection just when the proxy uses it, a check is lost. So the proxy has to close it.
  idle: Number.POSITIVE_INFINITY,
  grace: 500,
  connections: 10_000,
};

/** Bytes of a message that may be sent before they are read. Only checks with a body are larger. */
const window = 65_535;
/**
 * The limit for the header lines of a call. A proxy sends some hundred bytes, but may pass on the
 * `tracestate` of a client. It is above the nine frames that nghttp2 accepts: a call with a larger head gets
 * no answer.
 */
const headBytes = 262_144;
const headerLines = 256;
/** Calls whose messages are looked for at once. A turn can read many thousand heads, and their room has a limit. */
const begunTogether = 256;
const MB = 1_048_576;

/**
 * 64 MiB of messages that are not whole, and always room for eight of the largest. As many calls as one connection
 * may begin: a client may send all heads before its first message. A proxy sends head and message in the same packet.
 */
function intakeBounds(maxMessageBytes: number, maxConcurrentStreams: number): IntakeBounds {
  const bytes = Math.max(64 * MB, 8 * maxMessageBytes);
  const messages = announcedStreams(maxConcurrentStreams);
  return { bytes, messages, heads: 32 * MB, window, patience: 5_000, stall: 500 };
}

export interface GrpcListenOptions extends Pick<ListenerOptions, 'host' | 'port' | 'tls'> {
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /** By path. */
  readonly methods: ReadonlyMap<string, Method>;
}

/**
 * gRPC over HTTP/2 (its `PROTOCOL-HTTP2.md`) for proxies. Compression is **not** supported, and metadata is
 * passed on without a check.
 */
export function listenGrpc(
  { host, port, tls, maxMessageBytes, maxConcurrentStreams, methods }: GrpcListenOptions,
  limits: GrpcLimits = defaultGrpcLimits,
): Promise<Listener> {
  const intake = new Intake(intakeBounds(maxMessageBytes, maxConcurrentStreams));
  const begun = new EndOfTurn<IncomingMessage>((messages) => {
    for (const message of messages) message.wait();
  }, begunTogether);
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
        const message = new IncomingMessage(stream, headers, intake, maxMessageBytes, (received) =>
          dispatch(received, method, stream, deadline, headers, encoding !== 'identity'),
        );
        begun.add(message);
        return method.listens ? 'nothing' : 'answer';
      }
    }
    return 'answer';
  }
}

const unnamed = new Unread('check_malformed', 'the message is compressed, but grpc-encoding is missing');

function dispatch(
  received: Received,
  method: Method,
  stream: ServerHttp2Stream,
  deadline: number,
  headers: IncomingHttpHeaders,
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
  } else method.receive(stream, received, deadline, headers);
}

/** Accepts a message format and parameters behind the type. */
function isGrpc(contentType: string | undefined): boolean {
  const base = 'application/grpc';
  if (!contentType?.startsWith(base)) return false;
  const next = contentType[base.length];
  return next === undefined || next === '+' || next === ';';
}
