import { connect } from 'node:net';
import type { ConfigInput } from '../../src/config/schema.ts';
import { withDeadline } from '../support/wait.ts';

/** What a client of the HTTP door hears. */
export interface Heard {
  readonly status: number;
  /** Several values of one name are joined with `,`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Ask {
  method?: string;
  /** Sent as it is. */
  target?: string;
  host?: string;
  /** In order, duplicates kept. */
  headers?: readonly (readonly [string, string])[];
  /** Where the connection comes from, and where it goes. */
  from?: string;
  to?: string;
}

/** One request over a connection of its own, byte for byte as it is written here. */
export function ask(port: number, { method = 'GET', target = '/', ...more }: Ask = {}): Promise<Heard> {
  const { host = 'orders.example.com', headers = [], from, to = '127.0.0.1' } = more;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const { promise, resolve, reject } = Promise.withResolvers<Heard>();
  const socket = connect({ port, host: to, ...(from !== undefined && { localAddress: from }) });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.once('error', reject);
  socket.once('close', () => resolve(heard(Buffer.concat(chunks).toString('latin1'))));
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  return withDeadline(`an answer to ${method} ${target}`, 5_000, promise).finally(() => socket.destroy());
}

function heard(text: string): Heard {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  return { status, headers, body: text.slice(end + 4) };
}

type HttpInput = NonNullable<ConfigInput['http']>;

/** Where a proxy may ask about a request that it describes in headers. */
export const endpoint: NonNullable<HttpInput['forwardAuth']>[number] = {
  path: '/oauth2/auth',
  proxies: ['127.0.0.1'],
  original: 'x-original',
};

/** The ways in which the door can be set up, and what Envoy then has to put before a path. */
export const setups: Readonly<Record<string, { http: HttpInput; prefix: string | undefined }>> = {
  'without forwardAuth': { http: {}, prefix: '' },
  'without forwardAuth, with a prefix': { http: { pathPrefix: '/check' }, prefix: '/check' },
  'with forwardAuth': { http: { forwardAuth: [endpoint] }, prefix: undefined },
  'with forwardAuth, with a prefix': {
    http: { pathPrefix: '/check', forwardAuth: [endpoint] },
    prefix: '/check',
  },
};
