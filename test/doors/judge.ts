import { presets } from '../../src/core/identity/presets.ts';
import { type Answer, type ClientTls, request, type Target } from '../support/client.ts';
import type { Outcome } from './expected.ts';
import { HOST, requestOf } from './request.ts';
import type { Verdict } from './verdict.ts';
import type { DoorWorld } from './world.ts';

/** Where a proxy takes requests, and by which protocol. */
export interface ProxyAddress extends Pick<Target, 'port' | 'protocol'> {
  /** The authority of its certificate, if it is not the one of the clients. */
  readonly caPem?: string;
}

const closed = /^(ECONNRESET|ERR_SSL_.*_CERTIFICATE_REQUIRED|ERR_HTTP2_STREAM_ERROR)$/;

/** Sends the request of a row to a proxy, and looks what came of it on all three sides. */
export async function send(verdict: Verdict, proxy: ProxyAddress, world: DoorWorld): Promise<Outcome> {
  const { app, peerproof } = world;
  const [seen, decided] = [app.seen, peerproof.decisions().length];
  const status = await ask(verdict, proxy, world).then(
    (answer) => answer.status,
    (error) => {
      // It closed the connection, with an alert of TLS or without, or it reset the stream.
      if (closed.test(error.code)) return 0;
      throw error;
    },
  );
  const lines = peerproof.decisions().slice(decided);
  if (lines.length > 1) throw new Error(`${verdict.name}: ${lines.length} checks of one request`);
  if (app.seen - seen > 1) throw new Error(`${verdict.name}: the application was reached twice`);
  const reached = app.seen > seen ? app.requests.at(-1) : undefined;
  if (reached && reached.path !== lines[0]?.path)
    throw new Error(`${verdict.name}: the application got another path than was checked: ${reached.path}`);
  return { status, reason: lines[0]?.reason, sees: reached && identityOf(reached.headers, verdict) };
}

function ask(verdict: Verdict, address: ProxyAddress, { ca, who, mint }: DoorWorld): Promise<Answer> {
  const { from = 'client', host = HOST } = verdict;
  // Caddy wants Host and SNI to be the same where clients authenticate.
  const serverName = host.toLowerCase().replace(/\.?(:\d+)?$/, '');
  const { caPem = ca.certPem, ...to } = address;
  const tls: ClientTls = { caPem, serverName, ...(from !== 'nobody' && who[from]) };
  return request({ ...to, tls }, requestOf(verdict, mint));
}

/** Every header that could pass for an identity header, also where an application takes `_` for `-`. */
export function identityOf(headers: readonly (readonly [string, string])[], { name }: Verdict) {
  const found: Record<string, string> = {};
  for (const [key, value] of headers) {
    if (!Object.hasOwn(presets.standard, key.replaceAll('_', '-'))) continue;
    // What the proxy itself wrote of its peer is no identity of the table, but nothing of the client's may be in it.
    const ownXfcc = key === 'x-forwarded-client-cert' && !value.includes('forged');
    if (ownXfcc) continue;
    if (key in found) throw new Error(`${name}: ${key} arrived twice`);
    found[key] = value;
  }
  return found;
}
