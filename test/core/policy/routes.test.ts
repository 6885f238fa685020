import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { Routes } from '../../../src/core/policy/routes.ts';
import { ids } from '../peer/world.ts';
import { type CachedAuthority, connection, httpRule, request } from './rules.ts';

const routes = new Routes([
  httpRule('admin', { hosts: ['orders.*.com'], methods: ['POST'], paths: ['/admin/**'] }),
  httpRule('read', { hosts: ['orders.example.com'], methods: ['GET'], paths: ['/orders/*'] }),
  httpRule('context', { context: { policy: 'orders' }, paths: ['/ctx'] }),
  httpRule('connect', { methods: ['CONNECT'], paths: ['/tunnel'] }),
  httpRule('root', { methods: ['GET'], paths: ['/'] }),
]);

const matched: readonly [asked: CachedAuthority, rule: string, path: string][] = [
  [{ path: '/orders/1' }, 'read', '/orders/1'],
  [{ path: '/orders/1/' }, 'read', '/orders/1'],
  [{ path: '/orders/1?x=/admin' }, 'read', '/orders/1'],
  [{ path: '/%6frders/a%20b' }, 'read', '/orders/a%20b'],
  [{ path: '/orders/*' }, 'read', '/orders/*'],
  [{ path: '/orders/1', host: 'ORDERS.Example.com' }, 'read', '/orders/1'],
  [{ path: '/', host: 'ORDERS.Example.com.:8443' }, 'root', '/'],
  [{ path: '/admin', method: 'POST' }, 'admin', '/admin'],
  [{ path: '/admin/a/b', method: 'POST', host: 'orders.test.com' }, 'admin', '/admin/a/b'],
  [{ path: '/ctx', method: 'M-SEARCH', context: { policy: 'orders' } }, 'context', '/ctx'],
  [{ path: '/tunnel', method: 'CONNECT' }, 'connect', '/tunnel'],
  [{ path: '/' }, 'root', '/'],
  [{ path: '/?a' }, 'root', '/'],
];
for (const [asked, rule, path] of matched)
  test(`routes – ${JSON.stringify(asked)} is covered by ${rule}`, (t) => {
    const route = routes.match(request(asked));
    t.false(route instanceof Denial);
    t.deepEqual(route instanceof Denial ? route : { rule: route.rule.name, path: route.path }, {
      rule,
      path,
    });
  });

const noRule: readonly [asked: CachedAuthority, detail: string][] = [
  [
    { path: '/orders' },
    'GET orders.example.com /orders; nearest: read (path /orders/* does not match /orders: it has one segment fewer), root (path / does not match /orders: it has one segment more)',
  ],
  [
    { path: '/Orders/1' },
    'GET orders.example.com /Orders/1; nearest: read (path /orders/* does not match /Orders/1: the case of letters differs), root (path / does not match /Orders/1: it has two segments more)',
  ],
  [
    { path: '/orders/1', method: 'POST' },
    'POST orders.example.com /orders/1; nearest: read (method POST is not GET), admin (path /admin/** does not match /orders/1)',
  ],
  [
    { path: '/orders/1', method: 'HEAD' },
    'HEAD orders.example.com /orders/1; nearest: read (method HEAD is not GET)',
  ],
  [
    { path: '/orders/1', host: 'orders.example.com.evil' },
    'GET orders.example.com.evil /orders/1; nearest: read (host orders.example.com does not match orders.example.com.evil: it has one label more), root (path / does not match /orders/1: it has two segments more)',
  ],
  [
    { path: '/orders/1', host: '[::1]:80' },
    'GET [::1]:80 /orders/1; nearest: root (path / does not match /orders/1: it has two segments more), read (host orders.example.com does not match [::1]:80: it has two labels fewer)',
  ],
  [
    { path: '/administration', method: 'POST' },
    'POST orders.example.com /administration; nearest: admin (path /admin/** does not match /administration)',
  ],
  [
    { path: '/orders/1?x=secret', method: 'PUT' },
    'PUT orders.example.com /orders/1; nearest: read (method PUT is not GET)',
  ],
  [
    { path: '/ctx', context: { policy: 'other' } },
    'GET orders.example.com /ctx; nearest: context (context policy is other and not orders), root (path / does not match /ctx: it has one segment more), read (path /orders/* does not match /ctx: it has one segment fewer)',
  ],
];
for (const [asked, detail] of noRule)
  test(`routes – ${JSON.stringify(asked)} is covered by none, and denied`, (t) => {
    t.deepEqual(routes.match(request(asked)), new Denial('no_rule', detail));
  });

test('routes – without rules everything is denied', (t) => {
  const none = new Routes([]);
  t.deepEqual(none.match(request({})), new Denial('no_rule', 'GET orders.example.com /'));
  t.deepEqual(
    none.match(connection(ids.orders, 80)),
    new Denial('no_rule', `a connection to ${ids.orders}:80`),
  );
});

const open = new Routes([httpRule('any')]);
const method = 'no path, or a method that does not consist of capital letters';
const noSlash = 'no leading slash';
const refused: readonly [what: string, asked: CachedAuthority, reason: Denial['reason'], detail: string][] = [
  [
    'CONNECT without a path',
    { method: 'CONNECT', path: '', host: 'orders.example.com:443' },
    'request_malformed',
    method,
  ],
  [
    'CONNECT with an authority',
    { method: 'CONNECT', path: 'orders.example.com:443' },
    'path_ambiguous',
    noSlash,
  ],
  ['OPTIONS *', { method: 'OPTIONS', path: '*' }, 'path_ambiguous', noSlash],
  ['the absolute form', { path: 'http://orders.example.com/orders/1' }, 'path_ambiguous', noSlash],
  ['an authority in the path', { path: '//admin/x' }, 'path_ambiguous', 'an empty segment'],
  ['no path', { path: '' }, 'request_malformed', method],
  ['a query alone', { path: '?a=/orders/1' }, 'path_ambiguous', noSlash],
  ['dots', { path: '/orders/../admin' }, 'path_ambiguous', 'a dot segment'],
  [
    'a fragment',
    { path: '/orders/1#/../admin' },
    'path_ambiguous',
    'a character that is not allowed in a path, or that readers interpret differently',
  ],
  [
    'an escaped slash',
    { path: '/orders%2f1' },
    'path_ambiguous',
    'an escaped delimiter or control, or a doubled escape',
  ],
  ['no host', { host: '' }, 'request_malformed', 'host: not a host name'],
  ['a host with a path', { host: 'orders.example.com/x' }, 'request_malformed', 'host: not a host name'],
  [
    'a host of 300 characters',
    { host: 'a'.repeat(300) },
    'request_malformed',
    'host: longer than a host name can be',
  ],
  ...[
    '',
    'get',
    'Get',
    'GET ',
    ' GET',
    'GET,POST',
    'GET\0',
    'GET\n',
    'GÉT',
    '-GET',
    'GET/1.1',
    '*',
    'GET_',
  ].map((name): [string, CachedAuthority, Denial['reason'], string] => [
    `the method ${JSON.stringify(name)}`,
    { method: name },
    'request_malformed',
    method,
  ]),
];
for (const [what, asked, reason, detail] of refused)
  test(`routes – refuses ${what}, even where a rule covers everything (attacks 12)`, (t) => {
    t.deepEqual(open.match(request(asked)), new Denial(reason, detail));
  });

/** What some other service was fooled with. */
const decoys: Record<string, string> = {
  'x-original-url': '/admin/x',
  'x-rewrite-url': '/admin/x',
  'x-envoy-original-path': '/admin/x',
  'x-envoy-original-host': 'evil',
  'x-http-method-override': 'POST',
  'x-http-method': 'POST',
  'x-method-override': 'POST',
  'x-forwarded-host': 'evil',
  'x-forwarded-method': 'POST',
  'x-forwarded-uri': '/admin/x',
  'x-forwarded-path': '/admin/x',
  'x-forwarded-prefix': '/admin',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '1',
  'x-forwarded-for': '127.0.0.1',
  'x-host': 'evil',
  forwarded: 'host=evil;proto=http',
  host: 'evil',
  ':path': '/admin/x',
  ':method': 'POST',
  ':authority': 'evil',
  policy: 'orders',
};
for (const headers of [...Object.entries(decoys).map(([name, value]) => ({ [name]: value })), decoys])
  test(`routes – ${Object.keys(headers).length > 1 ? 'all of them together' : Object.keys(headers)[0]}: no header decides (attacks 12: X-Forwarded-*, overrides)`, (t) => {
    for (const asked of [
      { path: '/orders/1' },
      { path: '/admin/x' },
      { path: '/ctx' },
      { path: '/admin/x', method: 'POST' },
    ])
      t.deepEqual(routes.match(request({ ...asked, headers })), routes.match(request(asked)));
    const route = routes.match(request({ path: '/orders/1', headers }));
    t.is(route instanceof Denial ? route.reason : route.rule.name, 'read');
  });

test('routes – rules with very many wildcards: a request that leads everywhere is denied in bounded time', (t) => {
  const bits = (at: number, mark: string) =>
    Array.from({ length: 6 }, (_, bit) => ((at >> bit) & 1 ? 'a' : '*')).join(mark);
  const all = Array.from({ length: 64 }, (_, at) => at);
  const wide = httpRule('wide', {
    hosts: all.map((at) => bits(at, '.')),
    paths: all.map((at) => `/${bits(at, '/')}/**/${'a/'.repeat(60)}${at}`),
  });
  const routes = new Routes([wide, httpRule('usual', { hosts: ['b.example'] })]);
  const ask = (host: string, path: string): string => {
    const route = routes.match(request({ host, path }));
    return route instanceof Denial ? `${route.reason}: ${route.detail}` : route.rule.name;
  };
  t.regex(ask('a.a.a.a.a.a', `/${'a/'.repeat(126)}`), /^no_rule: the rules have too many wildcards/);
  t.is(
    ask('a.a.a.a.a.a', `/${'a/'.repeat(66)}7`),
    'no_rule: the rules have too many wildcards to compare this request with them',
  );
  t.is(ask('b.example', `/${'a/'.repeat(126)}`), 'usual');
});
