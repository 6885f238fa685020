import { presets } from '../../src/core/identity/presets.ts';
import { reasons } from '../../src/core/reasons.ts';
import { type Answer, type ClientTls, request, type Target } from '../support/client.ts';
import { type DoorName, doors } from './doors.ts';
import { tokens } from './tokens.ts';
import type { Verdict } from './verdict.ts';
import type { DoorWorld } from './world.ts';

/** What came of a request, or what must come of it. */
export interface Outcome {
  readonly status: number;
  /** Undefined: the proxy asked nobody. */
  readonly reason: string | undefined;
  /** Identity headers at the application. Undefined: it was not reached. */
  readonly sees: Readonly<Record<string, string>> | undefined;
}

/** Where a proxy takes requests, and by which protocol. */
export type ProxyAddress = Pick<Target, 'port' | 'protocol'>;

/** What must come of a row of the table at this door. */
export function expected(door: DoorName, { reason, sees, at }: Verdict): Outcome {
  const other = at?.[door];
  if (other?.refuses !== undefined) return { status: other.refuses, reason: undefined, sees: undefined };
  const name = other?.reason ?? reason;
  const { status } = reasons[name];
  const statuses: Readonly<Record<number, number>> = doors[door].statuses;
  return {
    status: statuses[status] ?? status,
    reason: name,
    sees: status === 200 ? (other?.sees ?? sees ?? {}) : undefined,
  };
}

/** Sends the request of a row to a proxy, and looks what came of it on all three sides. */
export async function send(verdict: Verdict, proxy: ProxyAddress, world: DoorWorld): Promise<Outcome> {
  const { app, peerproof } = world;
  const [seen, decided] = [app.seen, peerproof.decisions().length];
  const status = await ask(verdict, proxy, world).then(
    (answer) => answer.status,
    (error) => {
      // It closed the connection, with an alert of TLS or without.
      if (/^(ECONNRESET|ERR_SSL_.*_CERTIFICATE_REQUIRED)$/.test(error.code)) return 0;
      throw error;
    },
  );
  const lines = peerproof.decisions().slice(decided);
  if (lines.length > 1) throw new Error(`${verdict.name}: ${lines.length} checks of one request`);
  if (app.seen - seen > 1) throw new Error(`${verdict.name}: the application was reached twice`);
  return {
    status,
    reason: lines[0]?.reason,
    sees: app.seen > seen ? identityOf(app.requests.at(-1)?.headers ?? [], verdict) : undefined,
  };
}

function ask(verdict: Verdict, proxy: ProxyAddress, { ca, who, mint }: DoorWorld): Promise<Answer> {
  const { from = 'client', token, method, path, host = 'orders.example.com', headers = [] } = verdict;
  const presented = token && tokens[token](mint);
  const bearer = (verdict.authorization ?? ((text: string) => [`Bearer ${text}`]))(presented ?? '');
  const authorization = presented === undefined ? [] : bearer;
  // Caddy wants Host and SNI to be the same where clients authenticate.
  const tls: ClientTls = {
    caPem: ca.certPem,
    serverName: host.toLowerCase().replace(/\.?(:\d+)?$/, ''),
    ...(from !== 'nobody' && who[from]),
  };
  return request(
    { ...proxy, tls },
    {
      ...{ method: method ?? 'GET', path },
      headers: [
        ['Host', host],
        ...authorization.map((value) => ['Authorization', value] as const),
        ...headers,
      ],
    },
  );
}

/** Every header that could pass for an identity header, also where an application takes `_` for `-`. */
function identityOf(headers: readonly (readonly [string, string])[], { name }: Verdict) {
  const found: Record<string, string> = {};
  for (const [key, value] of headers) {
    if (!Object.hasOwn(presets.standard, key.replaceAll('_', '-'))) continue;
    // What the proxy itself wrote of its peer is no identity of the table, but nothing of the client's may be in it.
    const ownXfcc = key === 'x-forwarded-client-cert' && !/forged|Hash=0{64}/.test(value);
    if (ownXfcc) continue;
    if (key in found) throw new Error(`${name}: ${key} arrived twice`);
    found[key] = value;
  }
  return found;
}
