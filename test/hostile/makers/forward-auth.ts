import type { HeaderLines } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import type { HttpCase, HttpInput, Setup } from '../http-case.ts';

/** Where proxies ask. */
export const endpoint = '/oauth2/auth';

/** The request that a proxy asks about. */
export type Original = Readonly<Record<'method' | 'host' | 'path', string | undefined>>;
export const usual: Original = { method: 'GET', host: 'orders.example.com', path: '/bearer' };

/** The original request in the words of each proxy; what is undefined is left out. */
export const written: Record<'nginx' | 'ingress' | 'caddy', (original: Original) => HeaderLines> = {
  nginx: ({ method, host, path }) =>
    lines({ 'X-Original-Method': method, 'X-Original-Host': host, 'X-Original-URI': path }),
  ingress: ({ method, host, path }) =>
    lines({
      'X-Original-Method': method,
      'X-Original-URL': path === undefined ? undefined : `https://${host}${path}`,
      'X-Original-Host': host,
    }),
  caddy: ({ method, host, path }) =>
    lines({ 'X-Forwarded-Method': method, 'X-Forwarded-Host': host, 'X-Forwarded-Uri': path }),
};

function lines(headers: Readonly<Record<string, string | undefined>>): HeaderLines {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

/** A proxy by the way it writes. */
export type ProxyName = keyof typeof written;

/** A proxy asks about this request. */
export const asks = (
  proxy: ProxyName,
  original: Partial<Original>,
  reason: HttpCase['reason'],
  input: (f: Fixture) => HttpInput = ({ token }) => ({ token }),
  more: Partial<HttpCase> = {},
): HttpCase => ({
  setup: proxy,
  ask: (f) => {
    const { headers = [], ...rest } = input(f);
    return { target: endpoint, ...rest, headers: [...written[proxy]({ ...usual, ...original }), ...headers] };
  },
  reason,
  ...more,
});

/** Somebody asks in words of his own. */
export const plain = (
  setup: Setup,
  ask: (f: Fixture) => HttpInput,
  reason: HttpCase['reason'],
  more: Partial<HttpCase> = {},
): HttpCase => ({
  setup,
  ask,
  reason,
  ...more,
});
