import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerTls, tlsOptions } from '../../http2/server-tls.ts';
import { Pipeline } from './http1-pipeline.ts';
import { cutOff, reply } from './http1-reply.ts';
import { bodyBytes, type HttpLimits, headBytes, headerLines, pipelined } from './limits.ts';
import { type Answer, answerTo, type HttpAnswer, type HttpCheck, joinHeaders } from './messages.ts';

export interface Http1 {
  /** Accepts the connections, with TLS if it is configured. */
  readonly server: Server;
  /** Stops listening. Idle connections end at once, the others with their last answer. Then calls `done`. */
  close(done: () => void): void;
}

/** HTTP/1.0 and 1.1. `Upgrade` and `Expect` have no effect. A body is read only as far as necessary. */
export function serveHttp1(tls: ServerTls | undefined, answer: Answer, limits: HttpLimits): Http1 {
  const server = createHttp1Server(tls, limits);
  const pipelines = new Map<Duplex, Pipeline>();
  let closing = false;

  const pipelineOf = (socket: Socket): Pipeline => {
    const known = pipelines.get(socket);
    if (known) return known;
    const pipeline = new Pipeline(socket);
    pipelines.set(socket, pipeline);
    socket.once('close', () => pipelines.delete(socket));
    return pipeline;
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    // One read can hold many requests. Those behind the end of the connection arrive here too.
    if (socket.destroyed) return;
    const pipeline = pipelineOf(socket);
    if (pipeline.over) return;
    if (pipeline.unanswered >= pipelined) {
      socket.destroy();
      return;
    }
    pipeline.begin(response);
    const refused = refusal(request);
    // Behind an Upgrade, Node's parser drops the rest of the same read, maybe half of the next request.
    pipeline.over = refused !== undefined || request.headers.upgrade !== undefined;
    const body = bodyOf(request, () => pipeline.whole());
    const send = (answered: HttpAnswer): void => {
      pipeline.unanswered--;
      const last = pipeline.over || body.tooLong() || (closing && pipeline.latest === response);
      reply(request, response, answered, { whole: body.whole(), last, grace: limits.grace });
      if (closing) pipeline.endWhenIdle();
    };
    if (refused) send(refused);
    else
      void answerTo(checkOf(request), answer)
        .then(send)
        .catch(() => socket.destroy());
  };
  server.on('request', serve);
  // Without these listeners Node would ask for the body, or answer by itself.
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    // Answers that are still owed come first.
    if (pipelines.get(socket)?.unanswered) socket.destroy();
    else cutOff(socket, 403, limits.grace);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    cutOff(socket, flaws[error.code ?? ''] ?? 400, limits.grace),
  );
  // `server.close` calls this. Node's own version ends connections whose last answer is not yet sent.
  server.closeIdleConnections = () => {
    for (const pipeline of pipelines.values()) pipeline.endWhenIdle();
  };
  return {
    server,
    close(done) {
      closing = true;
      server.close(() => done());
    },
  };
}

const flaws: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

function createHttp1Server(tls: ServerTls | undefined, limits: HttpLimits): Server {
  const options: ServerOptions = {
    maxHeaderSize: headBytes,
    headersTimeout: limits.head,
    requestTimeout: limits.request,
    connectionsCheckingInterval: Math.ceil(Math.min(1_000, limits.head / 5)),
    keepAliveTimeout: limits.idle,
    // Detects proxies that have vanished.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // Refused here, so that the bytes behind such a request are ignored.
    requireHostHeader: false,
  };
  const server = tls
    ? createTlsServer({ ...options, ...tlsOptions(tls, limits.head), ALPNProtocols: ['h2', 'http/1.1'] })
    : createServer(options);
  // One more than is accepted. Node drops further lines without notice, so the extra one shows them.
  server.maxHeadersCount = headerLines + 1;
  server.maxConnections = limits.connections;
  server.timeout = limits.stall;
  return server;
}

/** Finds what is wrong with a request that Node's parser accepts. */
function refusal({ rawHeaders, headers, httpVersion }: IncomingMessage): HttpAnswer | undefined {
  if (rawHeaders.length > 2 * headerLines) return { status: 431, headers: [], body: '' };
  // RFC 9112 §3.2.
  if (headers.host === undefined && httpVersion === '1.1') return { status: 400, headers: [], body: '' };
  return undefined;
}

function checkOf(request: IncomingMessage): HttpCheck {
  const { method = '', url: target = '', rawHeaders, socket } = request;
  const { headers, repeated } = joinHeaders(rawHeaders, ',');
  return {
    method,
    target,
    host: headers.host ?? '',
    headers,
    repeated,
    remoteAddress: socket.remoteAddress ?? '',
  };
}

interface Body {
  tooLong(): boolean;
  /** Whether the whole body has arrived. */
  whole(): boolean;
}

const noBody: Body = { tooLong: () => false, whole: () => true };

/** Reads and drops a body up to a limit. Beyond it the sender has to wait. */
function bodyOf(request: IncomingMessage, ended: () => void): Body {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (length === undefined && coding === undefined) return noBody;
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyBytes) request.pause();
  });
  request.once('end', ended);
  return {
    tooLong: () => Math.max(size, Number(length ?? 0)) > bodyBytes,
    whole: () => request.complete,
  };
}
