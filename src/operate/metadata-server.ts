import type { IncomingMessage } from 'node:http';
import { findServed } from '../core/resource/find-resource.ts';
import type { Resources } from '../core/resource/resource.ts';
import { hasBody } from '../lib/has-body.ts';
import { listen } from '../lib/listen.ts';
import { createServer } from '../lib/node-http.ts';
import { OneAtATime } from '../lib/one-at-a-time.ts';

export interface MetadataServer {
  readonly port: number;
  /** Takes no new requests, and ends those under way after `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
}

/** A gateway keeps a few. Beyond them, new ones are not accepted. */
const mostConnections = 512;
/** Bytes of a request line with its headers. */
const longestHead = 16_384;

/**
 * Serves the documents about protected resources over plain HTTP, for proxies to which a check cannot give an
 * answer of our own. Everyone may read them. Any other request gets 404. A body is not read.
 * @param resources those of the configuration in force
 * @throws if the port cannot be listened on
 */
export async function startMetadataServer(
  address: { readonly host: string; readonly port: number },
  resources: () => Resources | undefined,
): Promise<MetadataServer> {
  const options = {
    ...{ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: longestHead },
    // Node looks after these times only every 30 seconds by itself.
    connectionsCheckingInterval: 1_000,
  };
  const each = new OneAtATime();
  const server = createServer(options, (request, response) => {
    if (!each.begin(request, response)) return;
    if (hasBody(request)) response.setHeader('connection', 'close');
    const answer = find(request, resources())?.answer;
    if (answer) {
      response.setHeader('content-length', Buffer.byteLength(answer.body));
      for (const [name, value] of answer.headers) response.setHeader(name, value);
      response.writeHead(answer.status).end(answer.body);
    } else response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
  });
  server.maxConnections = mostConnections;
  const openedPort = await listen(server, address);
  return {
    port: openedPort,
    async close(timeout) {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), timeout);
      await closed.promise;
      clearTimeout(timer);
    },
  };
}

function find({ method = '', headers, url = '' }: IncomingMessage, resources: Resources | undefined) {
  return resources && findServed(resources, { method, host: headers.host ?? '', path: url });
}
