import type { Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Intake } from '../../http2/intake.ts';
import { type ServerTls, tlsOptions } from '../../http2/server-tls.ts';
import { EndOfTurn } from '../../lib/end-of-turn.ts';
import { createServer } from '../../lib/node-http.ts';
import { endNow } from '../../lib/one-at-a-time.ts';
import type { Soon } from '../../lib/soon.ts';
import { type Body, bodyOf } from './http1-body.ts';
import { Pipeline } from './http1-pipeline.ts';
import { cutOff, reply } from './http1-reply.ts';
import { Http1Request } from './http1-request.ts';
import { type HttpLimits, headBytes, headerLines, pipelined } from './limits.ts';
import type { Answer, HttpCheck } from './messages.ts';
import { answerTo, bare, type PreparedAnswer } from './prepared-answer.ts';

export interface Http1 {
  /** Accepts the connections, with TLS if it is configured. */
  readonly server: Http1Server;
  /** Stops listening. Idle connections end at once, the others with their last answer. Then calls `done`. */
  close(done: () => void): void;
}

type Http1Server = Server<typeof Http1Request>;

/** One request. */
interface Exchange {
  readonly request: Http1Request;
  readonly response: ServerResponse;
  readonly pipeline: Pipeline;
  readonly body: Body;
  readonly check: HttpCheck;
  /** Undefined until the check is decided, at the end of the turn. */
  answered: Soon<PreparedAnswer> | undefined;
}

/** HTTP/1.0 and 1.1. `Upgrade` and `Expect` have no effect. A body is read only as far as necessary. */
export function serveHttp1(
  tls: ServerTls | undefined,
  answer: Answer,
  limits: HttpLimits,
  intake: Intake,
): Http1 {
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
  const serve = (request: Http1Request, response: ServerResponse): void => {
    const { socket } = request;
    // One read can hold many requests. Those behind the end of the connection arrive here too.
    if (socket.destroyed) return;
    const pipeline = pipelineOf(socket);
    if (pipeline.over) return;
    if (pipeline.unanswered >= pipelined) {
      endNow(socket);
      return;
    }
    pipeline.begin(response);
    const refused = refusal(request);
    // Behind an Upgrade, Node's parser drops the rest of the same read, maybe half of the next request.
    pipeline.over = refused !== undefined || request.joined.headers.upgrade !== undefined;
    const body = bodyOf(request, pipeline, intake);
    const check = checkOf(request, body);
    // A body has to be asked for at once.
    const answered = refused ?? (body.read && answerTo(check, answer));
    soon.add({ request, response, pipeline, body, check, answered });
  };
  const finish = ({ request, response, pipeline, body }: Exchange, answered: PreparedAnswer): void => {
    pipeline.unanswered--;
    const last = pipeline.over || body.tooLong || (closing && pipeline.latest === response);
    try {
      reply(request, response, answered, { whole: body.whole, last, limits });
    } catch {
      request.socket.destroy();
    }
    if (closing) pipeline.endWhenIdle();
  };
  const soon = new EndOfTurn<Exchange>((exchanges) => {
    for (const exchange of exchanges) exchange.answered ??= answerTo(exchange.check, answer);
    for (const exchange of exchanges)
      if (exchange.answered instanceof Promise) void exchange.answered.then((late) => finish(exchange, late));
      else if (exchange.answered) finish(exchange, exchange.answered);
  });
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

function createHttp1Server(tls: ServerTls | undefined, limits: HttpLimits): Http1Server {
  const options: ServerOptions<typeof Http1Request> = {
    IncomingMessage: Http1Request,
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
function refusal({ rawHeaders, joined, httpVersion }: Http1Request): PreparedAnswer | undefined {
  if (rawHeaders.length > 2 * headerLines) return bare(431);
  // RFC 9112 §3.2.
  if (joined.headers.host === undefined && httpVersion === '1.1') return bare(400);
  return undefined;
}

function checkOf(
  { method = '', url: target = '', joined, socket }: Http1Request,
  { read: readBody }: Body,
): HttpCheck {
  const { headers, repeated } = joined;
  const { host = '' } = headers;
  const check = { method, target, host, headers, repeated, remoteAddress: socket.remoteAddress ?? '' };
  return readBody ? { ...check, readBody } : check;
}
