import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { closer, listen } from './listening.ts';

/** What reached the application, as it answers it. */
export interface Echo {
  method: string;
  path: string;
  httpVersion: string;
  authority: string;
  /** In order, duplicates kept, without HTTP/2's pseudo-headers. */
  headers: [string, string][];
  body: string;
}

/** An application behind Envoy. */
export interface App {
  readonly port: number;
  /** The requests seen so far; for TCP and gRPC the count alone. */
  readonly seen: number;
  readonly requests: readonly Echo[];
  stop(): Promise<void>;
}

const MAX_BODY = 1024 * 1024;
const KEPT_REQUESTS = 1_000;
/** Milliseconds. After 6 s, Node would close a connection at the moment in which Envoy uses it again: that is a 503. */
const idleFor = 600_000;
/** How every HTTP/2 connection begins (RFC 9113 §3.4). */
const HTTP2_PREFACE = 'PRI * HTTP/2';

/** The method of the gRPC echo service: any bytes in, the same bytes out. */
export const GRPC_ECHO_PATH = '/peerproof.test.Echo/Echo';

async function readBody(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('body too large for the echo');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!name.startsWith(':')) list.push([name.toLowerCase(), raw[index + 1] ?? '']);
  }
  return list;
}

/** An echo over HTTP/1.1 and over HTTP/2 without TLS, on one port: it tells them apart by the first bytes. */
export async function startApp(options: { port?: number } = {}): Promise<App> {
  const requests: Echo[] = [];
  let seen = 0;
  const handle = async (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const echo: Echo = {
      method: request.method ?? '',
      path: request.url ?? '',
      httpVersion: request.httpVersion,
      authority: 'authority' in request ? request.authority : (request.headers.host ?? ''),
      headers: pairs(request.rawHeaders),
      body: await readBody(request),
    };
    seen++;
    requests.push(echo);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    // The two response types share these methods, but their overloads do not unite.
    const answer = response as ServerResponse;
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(echo));
  };
  const onRequest = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    handle(request, response).catch(() => request.destroy());
  };
  const http1 = createHttp1({ keepAliveTimeout: idleFor }, onRequest);
  const http2 = createHttp2(onRequest);
  http2.on('session', (session) => session.on('error', () => {}));
  const front = createServer((socket) => {
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).toString('latin1') === HTTP2_PREFACE;
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
  const stop = closer(front);
  const port = await listen(front, options.port);
  return {
    port,
    get seen() {
      return seen;
    },
    requests,
    stop,
  };
}

/** A gRPC service whose one unary method gives the request's bytes back, with its metadata in the initial metadata. */
export async function startGrpcEcho(options: { port?: number } = {}): Promise<App> {
  let seen = 0;
  const server = new grpc.Server();
  const raw = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      echo: {
        path: GRPC_ECHO_PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    },
    {
      echo: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>): void => {
        seen++;
        const received = new grpc.Metadata();
        received.set('x-received', JSON.stringify(call.metadata.getMap()));
        call.sendMetadata(received);
        callback(null, call.request);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${options.port ?? 0}`,
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    );
  });
  return {
    port,
    get seen() {
      return seen;
    },
    requests: [],
    stop: async () => server.forceShutdown(),
  };
}

/** Gives every byte back. `seen` counts connections. */
export async function startTcpEcho(options: { port?: number } = {}): Promise<App> {
  let seen = 0;
  const server = createServer((socket) => {
    seen++;
    socket.pipe(socket);
  });
  const stop = closer(server);
  const port = await listen(server, options.port);
  return {
    port,
    get seen() {
      return seen;
    },
    requests: [],
    stop,
  };
}
