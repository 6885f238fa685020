import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { withDeadline } from '../support/wait.ts';
import type { HeaderLines } from './case.ts';

/** What was heard; status 0 where the connection ended without an answer, or TLS was refused. */
export interface Heard {
  readonly status: number;
  /** Lower-case names; several values of one name are joined with `,`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** As long as it was said to be. */
  readonly whole: boolean;
}

/** A request, each part of it written as it is. */
export interface Said {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: HeaderLines;
  readonly body?: string | undefined;
}

/** Whom it is said to. */
export interface Where {
  readonly port: number;
  /** The client's side of TLS; the server's chain is not what is tested here. */
  readonly tls?: { readonly cert?: string | undefined; readonly key?: string | undefined };
  /** Another address of this machine. */
  readonly from?: string;
}

/** One HTTP/1.1 request over a connection of its own, byte for byte: what HTTP clients would correct stays as it is. */
export async function say(
  { port, tls, from }: Where,
  { method, target, host, headers, body }: Said,
): Promise<Heard> {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`]),
  ];
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, 'latin1');
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const chunks: Buffer[] = [];
  const options = { port, host: '127.0.0.1', ...(from !== undefined && { localAddress: from }) };
  const socket: Socket = tls
    ? connectTls({
        ...options,
        ...tls,
        rejectUnauthorized: false,
        servername: 'localhost',
        ALPNProtocols: ['http/1.1'],
      })
    : connectPlain(options);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    const answer = heard(Buffer.concat(chunks));
    // A server that is cross with us lingers before it closes.
    if (answer.whole) resolve(answer);
  });
  // Being cut off is an answer too.
  socket.on('error', () => {});
  socket.once('close', () => resolve(heard(Buffer.concat(chunks))));
  socket.write(bytes);
  return withDeadline(`an answer to ${method} ${target.slice(0, 60)}`, 10_000, promise).finally(() =>
    socket.destroy(),
  );
}

function heard(bytes: Buffer): Heard {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  const rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  const body = headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest;
  const length = headers['content-length'];
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers,
    body: body.toString('utf8'),
    whole: length !== undefined && rest.length >= Number(length),
  };
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, Math.max(at, end)).toString('latin1'), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
