import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { EventRefusal, type Transmitter } from '../core/revocation/transmitter.ts';
import { largestEvent } from '../core/revocation/verify-event.ts';
import { ServerCertificates, type ServerTls, tlsOptions } from '../http2/server-tls.ts';
import { listen } from '../lib/listen.ts';
import { createServer } from '../lib/node-http.ts';
import { OneAtATime } from '../lib/one-at-a-time.ts';
import type { ReceiveEvent } from './receive-event.ts';

/** A transmitter that pushes, and the token that it shows. */
export interface PushingTransmitter {
  readonly transmitter: Transmitter;
  readonly token: string;
}

export interface PushDoorOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  /** By the path. Asked for each request. */
  readonly transmitters: () => ReadonlyMap<string, PushingTransmitter>;
  readonly receive: ReceiveEvent;
}

export interface PushDoor {
  readonly port: number;
  replaceCertificate(tls: ServerTls): void;
  close(): Promise<void>;
}

/** Anybody can hold one for some seconds, and keep the transmitters out. */
const mostConnections = 512;
/** Milliseconds. */
const handshake = 5_000;
/** Seconds after which a transmitter tries again. */
const retryAfter = 5;
const utf8 = new TextDecoder('utf-8', { fatal: true });

interface PushAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly refusal?: EventRefusal;
}

/**
 * Takes security event tokens over HTTP (RFC 8935): `POST /<transmitter>` with `application/secevent+jwt` and the
 * bearer token of that transmitter, which is compared before the body is read. Answers 202, or 400 with an error of
 * RFC 8935 §2.4. If a token cannot be kept now, the answer is 503, and the transmitter sends it again.
 * @throws if the port cannot be listened on
 */
export async function openPushDoor(options: PushDoorOptions): Promise<PushDoor> {
  const { host, port, tls } = options;
  const limits = {
    ...{ headersTimeout: handshake, requestTimeout: 10_000, maxHeaderSize: 16_384 },
    // Node looks after these times only every 30 seconds by itself.
    connectionsCheckingInterval: 1_000,
  };
  const each = new OneAtATime();
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (each.begin(request, response)) void serve(request, response, options);
  };
  const server = tls
    ? createTlsServer({ ...limits, ...tlsOptions(tls, handshake) }, onRequest)
    : createServer(limits, onRequest);
  server.maxConnections = mostConnections;
  server.timeout = 30_000;
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const certificates = new ServerCertificates(server, tls);
  const openedPort = await listen(server, { host, port });
  return {
    port: openedPort,
    replaceCertificate: (next) => certificates.replace(next),
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      // A token that was not answered is sent again.
      for (const socket of open) socket.destroy();
      await closed.promise;
    },
  };
}

/** Never rejects. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: PushDoorOptions,
): Promise<void> {
  const { status, headers, refusal } = await answer(request, options).catch((): PushAnswer => unavailable);
  const body = refusal ? JSON.stringify({ err: refusal.error, description: refusal.why }) : '';
  // What is left of a body that was not read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  if (refusal) response.setHeader('content-type', 'application/json');
  response.writeHead(status, { 'content-language': 'en', ...headers }).end(body);
}

const unavailable: PushAnswer = { status: 503, headers: { 'retry-after': String(retryAfter) } };

async function answer(
  request: IncomingMessage,
  { transmitters, receive }: PushDoorOptions,
): Promise<PushAnswer> {
  const found = transmitters().get(request.url ?? '');
  // The same answer for a path that is not known, so that names cannot be tried.
  if (!found || !shows(request, found.token))
    return {
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      refusal: new EventRefusal(
        'authentication_failed',
        'the bearer token of the transmitter is missing or wrong',
      ),
    };
  if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/secevent+jwt') return { status: 415 };
  const text = await readBody(request);
  const refusal =
    text === undefined
      ? new EventRefusal('invalid_request', `the body is larger than ${largestEvent} bytes, or not UTF-8`)
      : await receive(text.trim(), found.transmitter);
  return refusal ? { status: 400, refusal } : { status: 202 };
}

/** In constant time: the digests have one length. */
function shows({ headers }: IncomingMessage, token: string): boolean {
  const [, sent = ''] = /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(headers.authorization ?? '') ?? [];
  return sent !== '' && timingSafeEqual(digest(sent), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Undefined if it is too large or not UTF-8. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > largestEvent) return undefined;
  const body = Buffer.allocUnsafe(largestEvent);
  let length = 0;
  // Without an end to the connection, because the answer still has to go there.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (length + piece.length > largestEvent) return undefined;
    length += piece.copy(body, length);
  }
  try {
    return utf8.decode(body.subarray(0, length));
  } catch {
    return undefined;
  }
}
