import { type AtEnvoy, type Case, each, type Group, type HeaderLines, type Input } from '../case.ts';

const malformed = 'request_malformed';
const bad: AtEnvoy = { refuses: 400 };

/** Headers that some server takes method, host or path from. */
const deciders: readonly (readonly [string, string])[] = [
  ['x-forwarded-path', '/public/x'],
  ['x-forwarded-uri', '/public/x'],
  ['x-forwarded-prefix', '/public'],
  ['x-forwarded-host', 'x.public.test'],
  ['x-forwarded-server', 'x.public.test'],
  ['x-forwarded-method', 'OPTIONS'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-scheme', 'https'],
  ['x-forwarded-port', '443'],
  ['x-original-url', '/public/x'],
  ['x-original-uri', '/public/x'],
  ['x-original-method', 'OPTIONS'],
  ['x-original-host', 'x.public.test'],
  ['x-rewrite-url', '/public/x'],
  ['x-http-method-override', 'OPTIONS'],
  ['x-http-method', 'OPTIONS'],
  ['x-method-override', 'OPTIONS'],
  ['x-envoy-original-path', '/public/x'],
  ['x-envoy-original-host', 'x.public.test'],
  ['x-envoy-decorator-operation', 'public'],
  ['x-host', 'x.public.test'],
  ['forwarded', 'host=x.public.test;proto=https'],
  ['host2', 'x.public.test'],
  ['content-location', '/public/x'],
  ['referer', 'https://x.public.test/public/x'],
  ['origin', 'https://x.public.test'],
];

const everything: HeaderLines = deciders;

type Row = readonly [host: string, reason: Case['reason'], envoy?: AtEnvoy];

/** `*.public.test` is open to anyone, and no other host has a rule for this path. */
const hosts = (...rows: readonly Row[]) =>
  each(rows, ([host, reason, envoy]) => [
    JSON.stringify(host.length > 50 ? `${host.slice(0, 50)}…` : host),
    { send: () => ({ host, path: '/any' }), reason, ...(envoy && { envoy }) } satisfies Case,
  ]);

const method = (
  name: string,
  path: string,
  reason: Case['reason'],
  envoy?: AtEnvoy,
  more: Input = {},
): [string, Case] => [
  `${JSON.stringify(name)} ${path}`,
  { send: () => ({ method: name, path, ...more }), reason, ...(envoy && { envoy }) },
];

export const group: Group = {
  number: 12,
  title: 'Path, host and method',
  items: {
    '`X-Forwarded-*`, `X-HTTP-Method-Override`, `x-envoy-original-path` never decide': {
      source: 'CVE-2026-40575; CVE-2025-54576; docs/rules.md: no header takes part',
      cases: {
        ...each(deciders, ([name, value]) => [
          `${name}: ${value}`,
          {
            send: () => ({ path: '/admin/x', headers: [[name, value]] }),
            reason: 'token_missing',
          } satisfies Case,
        ]),
        'all of them, before what nobody may': {
          send: () => ({ path: '/nothing', headers: everything }),
          reason: 'no_rule',
        },
        'all of them, with another method': {
          send: () => ({ method: 'POST', path: '/public/x', headers: everything }),
          reason: 'no_rule',
        },
        'a method in the query and in the form': {
          send: (f) => ({
            method: 'POST',
            path: '/orders/1?_method=GET',
            token: f.token,
            sender: f.senders.shop,
            headers: [['content-type', 'application/x-www-form-urlencoded']],
            body: '_method=GET',
          }),
          reason: 'scope_missing',
          scope: 'orders.write',
        },
        'the context of a route as headers': {
          send: () => ({
            path: '/context',
            headers: [
              ['policy', 'open'],
              ['x-envoy-policy', 'open'],
            ],
          }),
          reason: 'no_rule',
        },
        'the context of a route, by the proxy': {
          send: () => ({ path: '/context', context: { policy: 'open' } }),
          reason: 'public',
          envoy: { cannot: 'no route of this Envoy has a context' },
        },
        'another context': {
          send: () => ({ path: '/context', context: { policy: 'Open', Policy: 'open' } }),
          reason: 'no_rule',
          envoy: { cannot: 'no route of this Envoy has a context' },
        },
      },
    },
    'CONNECT, OPTIONS': {
      source: 'RFC 9110 §9.3.6, §9.3.7',
      cases: Object.fromEntries([
        method('OPTIONS', '/public/x', 'public'),
        method('OPTIONS', '/admin/x', 'token_missing'),
        method('OPTIONS', '/orders/1', 'no_rule', undefined, {
          headers: [
            ['access-control-request-method', 'GET'],
            ['origin', 'https://x'],
          ],
        }),
        method('OPTIONS', '*', 'path_ambiguous', { refuses: 404 }),
        method('CONNECT', '/public/x', 'no_rule', bad),
        method('CONNECT', 'orders.example.com:443', 'path_ambiguous', { refuses: 404 }),
        method('CONNECT', '', malformed, bad),
        method('TRACE', '/public/x', 'no_rule'),
        method('HEAD', '/public/x', 'no_rule'),
        method('PRI', '/public/x', 'no_rule', bad),
      ]),
    },
    'malformed and unknown methods': {
      source: 'RFC 9110 §9.1: methods have case',
      cases: Object.fromEntries([
        method('get', '/public/x', malformed, bad),
        method('Get', '/public/x', malformed, bad),
        method('GET ', '/public/x', malformed, { becomes: 'public', why: 'Envoy skips the second space' }),
        method('GET\0', '/public/x', malformed, bad),
        method('G\u0395T', '/public/x', malformed, { cannot: 'a character that is no byte' }),
        method('GETX', '/public/x', 'no_rule', bad),
        method('GET,OPTIONS', '/public/x', malformed, bad),
        method('-GET', '/public/x', malformed, bad),
        method('*', '/public/x', malformed, bad),
        method('', '/public/x', malformed, bad),
        method('A'.repeat(10_000), '/public/x', 'no_rule', bad),
        method('M-SEARCH', '/public/x', 'no_rule', bad),
      ]),
    },
    'hosts: dot, port, case, IPv6, user, IDNA': {
      source: 'RFC 9110 §7.2; RFC 3986 §3.2.2; GHSA-p77j-4mvh-x3m3',
      cases: hosts(
        ['a.public.test', 'public'],
        ['A.PUBLIC.Test', 'public'],
        ['a.public.test:8443', 'no_rule'],
        ['a.public.test:443', 'no_rule'],
        ['a.public.test.', 'no_rule'],
        ['a.public.test.:443', 'no_rule'],
        ['a\uff0epublic.test', malformed, { cannot: 'a character that is no byte' }],
        ['a.public\u3002test', malformed, { cannot: 'a character that is no byte' }],
        ['a\xef\xbc\x8epublic.test', malformed, bad],
        ['a.b.public.test', 'no_rule'],
        ['public.test', 'no_rule'],
        ['xpublic.test', 'no_rule'],
        ['a.public.test.evil', 'no_rule'],
        ['a.public.test..', malformed],
        ['.public.test', malformed],
        ['a..public.test', malformed],
        ['a.public.test:', malformed],
        ['a.public.test:123456', malformed],
        ['a.public.test:80:80', malformed],
        ['a.public.test:http', malformed],
        ['a.public.test@evil.example', malformed],
        ['evil.example@a.public.test', malformed],
        ['a.public.test/evil', malformed, bad],
        ['a.public.test\\evil', malformed, bad],
        ['a.public.test?x', malformed, bad],
        ['a.public.test#x', malformed, bad],
        ['a.public.test,evil.example', malformed],
        ['evil.example,a.public.test', malformed],
        ['a.public.test evil.example', malformed, bad],
        ['a.public.test\tx', malformed, bad],
        ['a%2epublic.test', malformed],
        ['a.p\xfablic.test', malformed, bad],
        ['a.\xe2\x84\xaaublic.test', malformed, bad],
        ['a.public.test\xad', malformed, bad],
        ['xn--pblic-ewa.test', 'no_rule'],
        ['a.publ\u0131c.test', malformed, { cannot: 'a character that is no byte' }],
        ['[::1]', 'no_rule'],
        ['[::1]:8443', 'no_rule'],
        ['[::1', malformed],
        ['[::ffff:a.public.test]', malformed],
        ['[fe80::1%25eth0]', malformed],
        ['127.0.0.1', 'no_rule'],
        ['2130706433', 'no_rule'],
        ['0x7f.1', 'no_rule'],
        ['*.public.test', malformed],
        ['**.public.test', malformed],
        ['-a.public.test', malformed],
        ['a_b.public.test', 'public'],
        [`${'a'.repeat(250)}.public.test`, malformed],
        [`${'a.'.repeat(20_000)}public.test`, malformed],
        ['', malformed],
      ),
    },
    'host twice': {
      source: 'RFC 9112 §3.2; CVE-2026-40575',
      cases: {
        'another host in a second line': {
          send: () => ({ host: 'orders.example.com', path: '/any', headers: [['host', 'a.public.test']] }),
          reason: 'no_rule',
          envoy: { becomes: malformed, why: 'Envoy joins the two' },
        },
        'in :authority of the headers': {
          send: () => ({
            host: 'orders.example.com',
            path: '/any',
            headers: [
              [':authority', 'a.public.test'],
              [':path', '/healthz'],
              [':method', 'GET'],
            ],
          }),
          reason: 'no_rule',
          envoy: bad,
        },
      },
    },
  },
};
