import type { ConfigInput } from '../../src/config/schema.ts';
import type { LogLine, Peerproof } from '../support/peerproof.ts';
import { type Ask, ask, endpoint, type Heard } from './door-cases.ts';
import { config } from './parity-world-cases.ts';

/** A port on which every kind of proxy may ask, each at a path of its own, and Envoy too. */

export const forwardAuthConfig: ConfigInput = {
  ...config,
  // Believing every source there is, so that what must not come through would show.
  peers: { ...config.peers, from: ['attribute', 'xfcc', 'principal', 'x-client-certificate'] },
  http: {
    pathPrefix: '/check',
    xfcc: 'direct',
    forwardAuth: [
      { ...endpoint, certificateHeader: 'x-client-cert' },
      {
        path: '/url',
        proxies: ['127.0.0.0/30'],
        original: 'x-original-url',
        hostHeader: 'x-original-host',
      },
      { path: '/forwarded', proxies: ['::1', '127.0.0.0/8'], original: 'x-forwarded' },
      { path: '/six', proxies: ['::1/128'], original: 'x-original' },
      { path: '/mapped', proxies: ['::ffff:127.0.0.1'], original: 'x-original' },
      { path: '/nobody', proxies: ['10.0.0.0/8', 'fd00::/8'], original: 'x-original' },
    ],
  },
};

export type Headers = [string, string][];

/** As nginx writes down the request that it asks about. */
export const original = (path = '/bearer/x', method = 'GET', host = 'orders.example.com'): Headers => [
  ['X-Original-Method', method],
  ['X-Original-URI', path],
  ['X-Original-Host', host],
];

let number = 0;

/** One check with the line that it left in the log. */
export async function checked(
  { httpPort, decisions }: Peerproof,
  headers: Headers,
  more: Ask = {},
): Promise<{ heard: Heard; line: LogLine }> {
  const id = `request-${++number}`;
  const heard = await ask(httpPort, {
    host: 'peerproof:9002',
    target: '/oauth2/auth',
    ...more,
    headers: [['x-request-id', id], ...headers],
  });
  const lines = decisions().filter(({ request_id }) => request_id === id);
  if (lines.length !== 1) throw new Error(`${lines.length} log lines for ${id}`);
  return { heard, line: lines[0] };
}
