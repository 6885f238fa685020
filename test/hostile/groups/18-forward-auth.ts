import type { Group } from '../case.ts';
import type { HttpCase } from '../http-case.ts';
import { asks, endpoint, type ProxyName, plain, usual, written } from '../makers/forward-auth.ts';

const malformed = 'request_malformed';

/** For each of the proxies. */
const each = (make: (proxy: ProxyName) => Record<string, HttpCase>): Record<string, HttpCase> =>
  Object.fromEntries(
    (Object.keys(written) as ProxyName[]).flatMap((proxy) =>
      Object.entries(make(proxy)).map(([what, one]) => [`${proxy}: ${what}`, one]),
    ),
  );

export const group: Group = {
  number: 18,
  title: 'HTTP door and forward-auth',
  items: {
    'forged X-Original-* and X-Forwarded-*': {
      source: 'CVE-2026-40575; CVE-2025-54576; CVE-2026-41059',
      http: {
        ...each((proxy) => ({
          'as it should be': asks(proxy, {}, 'allowed'),
          'without a token': asks(proxy, {}, 'token_missing', () => ({})),
          'no method': asks(proxy, { method: undefined }, malformed),
          'no path': asks(proxy, { path: undefined }, malformed),
          'an empty method': asks(proxy, { method: '' }, malformed),
          'a method in lower case': asks(proxy, { method: 'get' }, malformed),
          'a path of dots': asks(proxy, { path: '/public/../admin/x' }, 'path_ambiguous'),
          'a path of escaped dots': asks(proxy, { path: '/public/%2e%2e/admin/x' }, 'path_ambiguous'),
          'a path of two slashes': asks(proxy, { path: '//admin/x' }, 'path_ambiguous'),
          'a path with a query that looks public': asks(
            proxy,
            { path: '/admin/x?/public/x' },
            'token_missing',
            () => ({}),
          ),
          'a path with a fragment': asks(proxy, { path: '/admin/x#/public/x' }, 'path_ambiguous'),
          'a path that is a URL': asks(
            proxy,
            { path: 'https://x.public.test/any' },
            proxy === 'ingress' ? malformed : 'path_ambiguous',
          ),
          'another host': asks(proxy, { host: 'a.public.test', path: '/any' }, 'public', () => ({})),
          'two hosts': asks(proxy, { host: 'a.public.test,orders.example.com', path: '/any' }, malformed),
          'a host with a user': asks(
            proxy,
            { host: 'orders.example.com@a.public.test', path: '/any' },
            malformed,
          ),
          'a host with a backslash': asks(
            proxy,
            { host: 'a.public.test\\@orders.example.com', path: '/any' },
            malformed,
          ),
          'the words of the other proxies beside it': asks(
            proxy,
            { path: '/admin/x' },
            'token_missing',
            () => ({
              headers: (Object.keys(written) as ProxyName[])
                .filter(
                  (other) =>
                    other !== proxy &&
                    !(proxy === 'ingress' && other === 'nginx') &&
                    !(proxy === 'nginx' && other === 'ingress'),
                )
                .flatMap((other) => written[other]({ ...usual, path: '/public/x' })),
            }),
          ),
          'the words of another proxy alone': plain(
            proxy,
            ({ token }) => ({
              target: endpoint,
              token,
              headers: written[proxy === 'caddy' ? 'nginx' : 'caddy'](usual),
            }),
            malformed,
          ),
          'a second path by the client': asks(proxy, { path: '/public/x' }, malformed, () => ({
            headers: written[proxy]({
              method: undefined,
              host: proxy === 'ingress' ? usual.host : undefined,
              path: '/admin/x',
            }),
          })),
          'a second path by the client, first': plain(
            proxy,
            () => ({
              target: endpoint,
              headers: [
                ...written[proxy]({
                  method: undefined,
                  host: proxy === 'ingress' ? usual.host : undefined,
                  path: '/public/x',
                }),
                ...written[proxy]({ ...usual, path: '/admin/x' }),
              ],
            }),
            malformed,
          ),
          'a second method by the client': asks(proxy, {}, malformed, ({ token }) => ({
            token,
            headers: written[proxy]({ method: 'OPTIONS', host: undefined, path: undefined }),
          })),
          'in names with _': plain(
            proxy,
            ({ token }) => ({
              target: endpoint,
              token,
              headers: written[proxy](usual).map(
                ([name, value]) => [name.replaceAll('-', '_'), value] as const,
              ),
            }),
            malformed,
          ),
        })),
        'ingress: a URL without a path': asks('ingress', { path: '' }, malformed),
        'ingress: a URL of another scheme': plain(
          'ingress',
          ({ token }) => ({
            target: endpoint,
            token,
            headers: [
              ['X-Original-Method', 'GET'],
              ['X-Original-URL', 'ftp://orders.example.com/bearer'],
            ],
          }),
          malformed,
        ),
        'ingress: a URL in capitals': plain(
          'ingress',
          ({ token }) => ({
            target: endpoint,
            token,
            headers: [
              ['X-Original-Method', 'GET'],
              ['X-Original-URL', 'HTTPS://orders.example.com/bearer'],
            ],
          }),
          malformed,
        ),
        'ingress: a URL without a scheme': plain(
          'ingress',
          ({ token }) => ({
            target: endpoint,
            token,
            headers: [
              ['X-Original-Method', 'GET'],
              ['X-Original-URL', '//orders.example.com/bearer'],
            ],
          }),
          malformed,
        ),
      },
    },
  },
};
