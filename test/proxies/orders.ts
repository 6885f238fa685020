import { readFileSync } from 'node:fs';
import type { ConfigInput } from '../../src/config/schema.ts';
import { presets } from '../../src/core/identity/presets.ts';
import { type Answer, type ClientTls, type RequestParts, request } from '../support/client.ts';
import { type Mesh, startMesh, type Who } from '../support/mesh.ts';

/** What is published, as it stands there. */
export function published(file: string): string {
  return readFileSync(new URL(`../../proxies/${file}`, import.meta.url), 'utf8');
}

/** The published text with other addresses and files; every one of them must stand in it, so that it is what is tested. */
export function withAddresses(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`${from} is not in the published text`);
    return changed.replaceAll(from, to);
  }, text);
}

/** Every header that the application may believe in, as docs/identity-headers.md lists them. */
export const managed: readonly string[] = Object.keys(presets.standard);

/** A client's attempt at every managed header, also where `_` and `-` pass for the same. */
export const forgedIdentity: readonly (readonly [string, string])[] = managed.flatMap((name) =>
  [name, name.replaceAll('-', '_'), name.replace('-', '_'), name.replace(/-(?=[^-]*$)/, '_')].map(
    (spelling) => [spelling, 'forged'] as const,
  ),
);

/** The whole of what proxies say of the original request, as a client would say it of another one. */
export function forgedOriginal(path: string, method = 'GET', host = 'orders.example.com') {
  return [
    ['X-Original-Method', method],
    ['X-Original-URI', path],
    ['X-Original-URL', `https://${host}${path}`],
    ['X-Original-Host', host],
    ['X-Forwarded-Method', method],
    ['X-Forwarded-Uri', path],
    ['X-Forwarded-Host', host],
    ['X-Forwarded-Prefix', path],
    ['X-Rewrite-URL', path],
    ['X-Forwarded-For', '192.0.2.66'],
    ['X-Forwarded-Proto', 'gopher'],
  ] as const;
}

/** What of `forgedOriginal('/evil', 'DELETE', 'evil.example')` must not be found anywhere. */
export const EVIL = /evil|DELETE|192\.0\.2\.66|gopher/;

export interface Ask extends RequestParts {
  token?: string;
  /** Nobody: without a client certificate. */
  who?: Who;
}

/** An application, a Peerproof with rules for it, and a proxy before it that is still to be started. */
export interface Orders extends Omit<Mesh, 'send'> {
  /** How many requests the application saw during a step, and what the step gave. */
  reaching<T>(step: () => Promise<T>): Promise<[T, number]>;
  /** The last line of the decision log. */
  lastDecision(): ReturnType<Mesh['decisionOf']>;
}

type ForwardAuth = NonNullable<NonNullable<ConfigInput['http']>['forwardAuth']>[number];

export const CLIENT = 'spiffe://cluster.local/ns/applications/sa/client';

/** Starts everything but the proxy. */
export async function startOrders(forwardAuth: ForwardAuth): Promise<Orders> {
  const mesh = await startMesh({
    config: () => ({
      http: { forwardAuth: [forwardAuth] },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [CLIENT] },
      rules: [
        { name: 'preflight', match: { methods: ['OPTIONS'], paths: ['/orders/**'] }, public: true },
        {
          name: 'admin',
          match: { hosts: ['admin.example.com'] },
          require: { scopes: ['admin'], binding: ['none'] },
        },
        {
          name: 'write',
          match: { methods: ['POST'], paths: ['/orders/**'] },
          require: { scopes: ['orders.write'], binding: ['none'] },
        },
        { name: 'bound', match: { paths: ['/bound/**'] }, require: { binding: ['certificate'] } },
        { name: 'workload', match: { paths: ['/workload/**'] }, require: { peers: [CLIENT] } },
        { name: 'public', match: { paths: ['/public/**'] }, public: true },
        { name: 'orders', match: { paths: ['/orders/**'] }, require: { binding: ['none'] } },
      ],
    }),
  });
  return {
    ...mesh,
    reaching: async (step) => {
      const before = mesh.app.seen;
      const result = await step();
      return [result, mesh.app.seen - before];
    },
    lastDecision: () => mesh.peerproof.decisions().at(-1),
  };
}

/** One request through a proxy. */
export function through(
  port: number,
  { token, headers = [], ...parts }: Ask,
  tls?: ClientTls,
): Promise<Answer> {
  const bearer = token === undefined ? [] : [['authorization', `Bearer ${token}`] as const];
  const host = headers.some(([name]) => name === 'host') ? [] : [['host', 'orders.example.com'] as const];
  return request(
    { port, ...(tls && { tls }) },
    { path: '/orders/1', ...parts, headers: [...host, ...bearer, ...headers] },
  );
}
