import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface GetOptions {
  /** PEM of the certificate authorities that are trusted instead of the system's. */
  readonly ca?: string | undefined;
  /** Milliseconds for the whole exchange, a slow body included. */
  readonly timeout: number;
  /** The most bytes of body that are read. */
  readonly maxBytes: number;
}

/**
 * Fetches a JSON document. Only 200 is an answer: a redirect is refused and not followed, since it could lead anywhere.
 * Rejects with an `Error` whose message is fit for a log: on another status, a body that is too large or no JSON, and
 * when the time is over.
 */
export function getJson(url: URL, { ca, timeout, maxBytes }: GetOptions): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const options = {
    headers: { accept: 'application/json', 'user-agent': 'peerproof' },
    signal: AbortSignal.timeout(timeout),
  };
  const request =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...options, ...(ca !== undefined && { ca }) })
      : httpRequest(url, options);
  request.on('response', (response) => {
    if (response.statusCode !== 200) {
      request.destroy();
      reject(new Error(`${url.href} answered ${response.statusCode}`));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) request.destroy(new Error(`more than ${maxBytes} bytes`));
    });
    response.on('error', (error) => reject(new Error(`${url.href}: ${error.message}`, { cause: error })));
    response.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      } catch {
        reject(new Error(`${url.href} answered something that is not JSON`));
      }
    });
  });
  request.on('error', (error) => {
    const why =
      error.name === 'TimeoutError' || error.name === 'AbortError'
        ? `no answer within ${timeout} ms`
        : error.message;
    reject(new Error(`${url.href}: ${why}`, { cause: error }));
  });
  request.end();
  return promise;
}
