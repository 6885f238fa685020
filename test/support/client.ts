import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { withDeadline } from './wait.ts';

/** A caller's side of (m)TLS. The server's chain is checked, its name is not: a sidecar's certificate has only a SPIFFE ID. */
export interface ClientTls {
  caPem: string;
  certPem?: string;
  keyPem?: string;
  /** Asked for in the handshake (SNI); `localhost` by default. */
  serverName?: string;
}

export interface Target {
  port: number;
  /** Without it the connection is plain text. */
  tls?: ClientTls;
  /** HTTP/1.1 by default. */
  protocol?: 'h1' | 'h2';
}

export interface RequestParts {
  method?: string;
  /** Sent as it is, with the query. */
  path?: string;
  /** In order, duplicates kept. `host` (or `:authority`) is `app.test` unless given. */
  headers?: readonly (readonly [string, string])[];
  body?: string;
  /** 30 s by default, times the slack of `wait.ts`. */
  deadlineMs?: number;
}

export interface Answer {
  status: number;
  headers: [string, string][];
  /** The values of one header, joined with a comma; undefined when absent. */
  header(name: string): string | undefined;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test states what it expects of the shape
  json(): any;
}

/** Several requests over kept connections, for load. */
export interface Client {
  request(parts?: RequestParts): Promise<Answer>;
  close(): void;
}

const DEADLINE_MS = 30_000;
const MAX_BODY = 16 * 1024 * 1024;
const DEFAULT_HOST = 'app.test';

function tlsOptions(tls: ClientTls) {
  return {
    ca: tls.caPem,
    ...(tls.certPem && tls.keyPem ? { cert: tls.certPem, key: tls.keyPem } : {}),
    servername: tls.serverName ?? 'localhost',
    checkServerIdentity: () => undefined,
  };
}

function answer(status: number, headers: [string, string][], body: string): Answer {
  return {
    status,
    headers,
    header: (name) => {
      const values = headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
      return values.length > 0 ? values.join(',') : undefined;
    },
    body,
    json: () => JSON.parse(body),
  };
}

function collect(stream: NodeJS.ReadableStream, done: (body: string) => void, fail: (error: Error) => void) {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY) fail(new Error('answer too large'));
    else chunks.push(chunk);
  });
  stream.once('end', () => done(Buffer.concat(chunks).toString('utf8')));
  stream.once('error', fail);
  // An answer cut in the middle must not wait for the deadline.
  stream.once('close', () => fail(new Error('connection closed before the answer was whole')));
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    list.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '']);
  }
  return list;
}

function sendHttp1(target: Target, agent: HttpAgent | HttpsAgent | false, parts: RequestParts) {
  return new Promise<Answer>((resolve, reject) => {
    const headers = (parts.headers ?? []).flat();
    const has = (name: string) => parts.headers?.some(([key]) => key.toLowerCase() === name) ?? false;
    if (!has('host')) headers.unshift('Host', DEFAULT_HOST);
    if (parts.body !== undefined && !has('content-length') && !has('transfer-encoding')) {
      headers.push('Content-Length', String(Buffer.byteLength(parts.body)));
    }
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: target.port,
      method: parts.method ?? (parts.body === undefined ? 'GET' : 'POST'),
      path: parts.path ?? '/',
      headers,
      agent,
    };
    const send = target.tls ? httpsRequest({ ...options, ...tlsOptions(target.tls) }) : httpRequest(options);
    send.setTimeout(parts.deadlineMs ?? DEADLINE_MS, () => send.destroy(new Error('no answer in time')));
    send.once('error', reject);
    send.once('response', (response) => {
      collect(
        response,
        (body) => resolve(answer(response.statusCode ?? 0, pairs(response.rawHeaders), body)),
        reject,
      );
    });
    send.end(parts.body);
  });
}

function sendHttp2(session: ClientHttp2Session, target: Target, parts: RequestParts) {
  return new Promise<Answer>((resolve, reject) => {
    const given = (parts.headers ?? []).map(([name, value]) => [name.toLowerCase(), value] as const);
    const host = given.find(([name]) => name === 'host' || name === ':authority');
    const fields = [
      ...[':method', parts.method ?? (parts.body === undefined ? 'GET' : 'POST')],
      ...[':path', parts.path ?? '/'],
      ...[':scheme', target.tls ? 'https' : 'http'],
      ...[':authority', host?.[1] ?? DEFAULT_HOST],
      ...given.filter((pair) => pair !== host).flat(),
    ];
    const stream = session.request(fields, { endStream: parts.body === undefined });
    stream.setTimeout(parts.deadlineMs ?? DEADLINE_MS, () => stream.destroy(new Error('no answer in time')));
    session.once('error', reject);
    let head: Answer | undefined;
    stream.once('response', (_headers, _flags, raw?: string[]) => {
      const list = pairs(raw ?? []);
      const status = list.find(([name]) => name === ':status')?.[1];
      head = answer(
        Number(status),
        list.filter(([name]) => !name.startsWith(':')),
        '',
      );
    });
    collect(
      stream,
      (body) => {
        session.off('error', reject);
        if (head) resolve(answer(head.status, head.headers, body));
        else reject(new Error('stream ended without an answer'));
      },
      reject,
    );
    if (parts.body !== undefined) stream.end(parts.body);
  });
}

/** Opens a client whose connections are kept until `close`. HTTP/1.1 uses up to `connections`, HTTP/2 uses one. */
export function openClient(target: Target, connections = 8): Client {
  if (target.protocol === 'h2') {
    const options = {
      ...(target.tls ? tlsOptions(target.tls) : {}),
      // Two Authorization fields are what an attacker would send, so they must be sendable.
      strictSingleValueFields: false,
    };
    const session = connectHttp2(`${target.tls ? 'https' : 'http'}://127.0.0.1:${target.port}`, options);
    session.setMaxListeners(0);
    // Each request has its own handler; without one here an idle session's error would end the process.
    session.on('error', () => {});
    return {
      request: (parts = {}) =>
        withDeadline('request', parts.deadlineMs ?? DEADLINE_MS, sendHttp2(session, target, parts)),
      close: () => session.destroy(),
    };
  }
  const agent = new (target.tls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connections });
  return {
    request: (parts = {}) =>
      withDeadline('request', parts.deadlineMs ?? DEADLINE_MS, sendHttp1(target, agent, parts)),
    close: () => agent.destroy(),
  };
}

/** One request over its own connection. */
export async function request(target: Target, parts: RequestParts = {}): Promise<Answer> {
  const client = openClient(target, 1);
  try {
    return await client.request(parts);
  } finally {
    client.close();
  }
}
