import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { defaultLimits, type HttpLimits } from '../../src/http/transport/limits.ts';
import {
  type HttpAnswer,
  type HttpCheck,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../src/http/transport/server.ts';
import type { Soon } from '../../src/lib/soon.ts';
import { waitFor, withDeadline } from '../support/wait.ts';

/** Long enough for a machine that is busy with other tests. */
export const patience = 10_000;

/** Answers 200 with the method and the target. */
export const echo = async ({ method, target }: HttpCheck): Promise<HttpAnswer> => ({
  status: 200,
  headers: [['x-answered', 'yes']],
  body: `${method} ${target}`,
});

export interface World {
  readonly port: number;
  readonly server: HttpServer;
  /** What was asked until now. */
  readonly asked: HttpCheck[];
}

/** A server that ends with the test. */
export async function serve(
  t: ExecutionContext,
  answer: HttpServerOptions['answer'] = echo,
  limits: Partial<HttpLimits> = {},
  tls?: HttpServerOptions['tls'],
): Promise<World> {
  const asked: HttpCheck[] = [];
  const noted = (check: HttpCheck): Soon<HttpAnswer> => {
    asked.push(check);
    return answer(check);
  };
  const options = { host: '127.0.0.1', port: 0, tls, answer: noted };
  const server = await startHttpServer(options, { ...defaultLimits, ...limits });
  t.teardown(() => server.close(0));
  return { port: server.port, server, asked };
}

/** A server whose answers come when `release` is called. */
export async function serveLate(
  t: ExecutionContext,
  limits: Partial<HttpLimits> = {},
  tls?: HttpServerOptions['tls'],
) {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const world = await serve(t, (check) => promise.then(() => echo(check)), limits, tls);
  return { ...world, release };
}

/** A TCP client that says exactly what it is told to, and ends with the test. */
export class RawClient {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #closed: Promise<void>;
  #ended = false;

  constructor(t: ExecutionContext, port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    // Being cut off is what many tests are about.
    this.socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true;
        resolve();
      };
      this.socket.on('end', end);
      this.socket.on('close', end);
    });
    t.teardown(() => this.socket.destroy());
  }

  get received(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  /** Whether the server has ended its side. */
  get ended(): boolean {
    return this.#ended;
  }

  say(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** What was received, as soon as it matches. */
  hears(pattern: RegExp): Promise<string> {
    return waitFor(
      String(pattern),
      patience,
      () => {
        if (pattern.test(this.received)) return this.received;
        if (this.#ended) throw new Error(`ended without ${pattern}: ${JSON.stringify(this.received)}`);
        return undefined;
      },
      5,
    );
  }

  /** All that was received, when the server has ended the connection. */
  async end(): Promise<string> {
    await withDeadline('the end of the connection', patience, this.#closed);
    return this.received;
  }
}

export const status = (received: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1]);

/** A client with prior knowledge that ends with the test. */
export function http2Client(
  t: ExecutionContext,
  url: string,
  options: Parameters<typeof connectHttp2>[1] & object = {},
): ClientHttp2Session {
  const session = connectHttp2(url, options);
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  return session;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One request; rejects where its stream ends without an answer. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders | readonly string[],
  body?: Buffer,
): Promise<Http2Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Answer>();
  const stream = session.request(headers as OutgoingHttpHeaders, { endStream: body === undefined });
  let answer: Omit<Http2Answer, 'body'> | undefined;
  let text = '';
  stream.setEncoding('utf8');
  stream.on('response', (received) => {
    answer = { status: Number(received[':status']), headers: received };
  });
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  stream.on('error', reject);
  stream.on('close', () =>
    answer ? resolve({ ...answer, body: text }) : reject(new Error(`stream closed: ${stream.rstCode}`)),
  );
  if (body) stream.end(body);
  return withDeadline('an answer', patience, promise);
}
