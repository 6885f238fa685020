import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { parseJson } from '../lib/json.ts';

export interface ClientOptions {
  /** PEM of the certificate authorities that are trusted instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** PEM of the client certificate and its key, for mTLS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Milliseconds for the whole request, waiting for a connection and a slow body included. */
  readonly timeout: number;
  /** The most bytes of body that are read. */
  readonly maxBytes: number;
}

export interface OutboundRequest {
  /** GET by default. A request may be sent twice where a kept connection breaks, so it has to bear that. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives the sendRequest up before its time. */
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** UTF-8. Empty where it was too large and the status is no success. */
  readonly body: string;
}

/** The longest `Retry-After` that is believed, in seconds. */
const longestRetry = 60;
/** Milliseconds that an idle connection is kept. */
const idle = 30_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * One HTTP sendRequest, bounded in time and size. Every status is an answer; a redirect is one too, and never followed, since
 * it could lead anywhere. Rejects with an `Error` fit for a log: it names the place without query and credentials, and
 * holds neither header nor body of the request or of the answer.
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
  // The causes stay behind: a parser's error carries the bytes it stumbled over.
  const fail = (why: string) => {
    reject(new Error(`${urlForLog(url)}: ${why}`));
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
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED cannot take it away.
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
        // What failed has failed, however long its page is.
        if (status >= 300) resolve({ status, headers: received, body: '' });
        fail(`more than ${maxBytes} bytes`);
      });
      response.on('error', (error) => fail(reasonOf(error)));
      response.on('end', () => {
        const text = decode(Buffer.concat(chunks));
        if (text === undefined) fail('answered something that is not UTF-8');
        else resolve({ status, headers: received, body: text });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection just when it was used again: that says nothing of the server.
      if (request.reusedSocket && !answered && !settled && /^(?:ECONNRESET|EPIPE)$/.test(error.code ?? ''))
        attempt();
      else fail(reasonOf(error));
    });
    request.end(body);
  };
  const attempt = (): void => {
    try {
      send();
    } catch (error) {
      fail(reasonOf(error as Error));
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

/** Exchanges with one server over connections that are kept, and no more of them than `maxSockets` (64). */
export class HttpClient {
  readonly #options: ClientOptions;
  readonly #agents: Readonly<Record<string, HttpAgent>>;

  constructor(options: ClientOptions & { readonly maxSockets?: number }) {
    this.#options = options;
    const { maxSockets = 64 } = options;
    const kept = { keepAlive: true, maxSockets, timeout: idle };
    this.#agents = { 'https:': new HttpsAgent(kept), 'http:': new HttpAgent(kept) };
  }

  /** See `sendRequest`. */
  async send(url: URL, request: OutboundRequest): Promise<OutboundResponse> {
    try {
      return await sendRequest(url, request, this.#options, this.#agents[url.protocol]);
    } catch (error) {
      // A server that vanished without a word leaves connections that swallow one request each: none of them is kept.
      for (const agent of Object.values(this.#agents))
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      throw error;
    }
  }

  /** Ends its connections, those in use as well. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

export interface GetOptions extends ClientOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Kubernetes answers 406 for its keys to those who want `application/json` alone. */
const accept = 'application/json, application/jwk-set+json, */*;q=0.1';

/**
 * Fetches a JSON document. Only 200 is an answer: a redirect is refused and not followed, since it could lead anywhere.
 * Rejects with an `Error` whose message is fit for a log: on another status, a body that is too large or no JSON, and
 * when the time is over.
 */
export async function getJson(url: URL, { headers, ...options }: GetOptions): Promise<unknown> {
  const { status, body } = await sendRequest(url, { headers: { accept, ...headers } }, options);
  if (status !== 200) throw new Error(`${urlForLog(url)} answered ${status}`);
  const value = parseJson(body);
  if (value === undefined) throw new Error(`${urlForLog(url)} answered something that is not JSON`);
  return value;
}

/** Where something is asked, as far as a log may know it: no credentials, no query. */
export function urlForLog(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** `Retry-After` (RFC 9110 §10.2.3) in seconds, 1 to 60; undefined where it is absent or a date. */
export function retryAfterOf({ headers }: Pick<OutboundResponse, 'headers'>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined || !/^\d{1,9}$/.test(value)) return undefined;
  return Math.min(Math.max(Number(value), 1), longestRetry);
}

/** Node's errors of several addresses tried in vain have a code and no message. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return error.message || error.code || error.name;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
