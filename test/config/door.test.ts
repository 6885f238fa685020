import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { problemLine } from '../../src/config/problem.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

/** `more` begins at line 9 of a good configuration; the door is open unless said otherwise. */
const LINE = 10;
const listen = 'listen: {http: "127.0.0.1:0"}';
const withDoor = (http: string) => goodConfig({ more: `${listen}\nhttp: ${http}` });
const problems = (http: string) => problemsOf(withDoor(http), 'peerproof.yaml');
const loaded = (http: string) => parseConfig(withDoor(http), 'x');
const auth = (more = '') =>
  `{forwardAuth: [{path: /oauth2/auth, proxies: [127.0.0.1], original: x-original${more}}]}`;

test('HTTP door – it is closed by default, and has no setting for peers and prefixes', (t) => {
  const { config } = parseConfig(goodConfig(), 'x');
  t.is(config.listen.http, undefined);
  t.deepEqual(config.http, { xfcc: 'none', forwardAuth: [] });
  t.deepEqual(parseConfig(goodConfig({ more: listen }), 'x').config.http, { xfcc: 'none', forwardAuth: [] });
});

test('HTTP door – each setting is taken over as the program needs it', (t) => {
  const sidecar = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
  const { config, warnings } = loaded(
    `{pathPrefix: /check, xfcc: {sidecar: "${sidecar}"}, forwardAuth: [{path: /oauth2/auth, proxies: [10.0.0.7, "10.1.0.0/16", "::1", "fd00::/8"], original: x-forwarded, certificateHeader: ssl-client-cert}]}`,
  );
  t.deepEqual(warnings, []);
  t.is(config.http.pathPrefix, '/check');
  t.deepEqual(config.http.xfcc, { sidecar });
  t.deepEqual(config.http.forwardAuth, [
    {
      path: '/oauth2/auth',
      proxies: [
        { address: '10.0.0.7', bits: 32, family: 'ipv4' },
        { address: '10.1.0.0', bits: 16, family: 'ipv4' },
        { address: '::1', bits: 128, family: 'ipv6' },
        { address: 'fd00::', bits: 8, family: 'ipv6' },
      ],
      original: 'x-forwarded',
      certificateHeader: 'ssl-client-cert',
    },
  ]);
});

test('HTTP door – the header of a certificate is none of the request, but for the one of Traefik', (t) => {
  const at = 'http.forwardAuth[0].certificateHeader';
  for (const name of ['x-client-certificate', 'ssl-client-cert', 'x-forwarded-tls-client-cert'])
    t.deepEqual(problems(auth(`, certificateHeader: ${name}`)), [], name);
  for (const name of ['x-forwarded-uri', 'x-forwarded-tls-client-cert-info', 'x-original-url', 'host'])
    t.deepEqual(
      problems(auth(`, certificateHeader: ${name}`)).map(({ key }) => key),
      [at],
      name,
    );
});

test('HTTP door – x-original-url is refused without a header that says what the proxy routes by', (t) => {
  const entry = (more: string) =>
    problems(`{forwardAuth: [{path: /a, proxies: [10.0.0.7], original: ${more}}]}`).map(
      ({ line, key, message }) => [line, key, message] as const,
    );
  const [[line, key, message] = [], ...more] = entry('x-original-url');
  t.deepEqual([line, key, more], [LINE, 'http.forwardAuth[0].original', []]);
  t.regex(
    message ?? '',
    /\$http_host, which the client chooses.*auth-proxy-set-headers.*hostHeader: x-original-host/,
  );
  t.deepEqual(entry('x-original-url, hostHeader: x-original-host'), []);
  t.deepEqual(entry('x-original-url, hostHeader: x-routed-host'), []);
  for (const [host, wanted] of [
    ['x-original-url, hostHeader: host', /clients can write it: use x-original-host/],
    ['x-original-url, hostHeader: x-forwarded-host', /clients can write it: use x-original-host/],
    ['x-original-url, hostHeader: x-original-url', /clients can write it: use x-original-host/],
    ['x-original-url, hostHeader: X-Original-Host', /lower case/],
    ['x-original, hostHeader: x-original-host', /is only for x-original-url/],
    ['x-forwarded, hostHeader: x-original-host', /is only for x-original-url/],
  ] as const) {
    const [[, where, said] = [], ...others] = entry(host);
    t.deepEqual([where, others], ['http.forwardAuth[0].hostHeader', []], host);
    t.regex(said ?? '', wanted);
  }
});

test('HTTP door – xfcc direct is warned of where Peerproof does not know its own name', (t) => {
  const id = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
  t.regex(loaded('{xfcc: direct}').warnings.join('\n'), /^http\.xfcc: direct .*http\.spiffeId/);
  t.deepEqual(loaded(`{xfcc: direct, spiffeId: "${id}"}`).warnings, []);
  t.deepEqual(loaded('{xfcc: none}').warnings, []);
  for (const wrongId of [
    'peerproof',
    'spiffe://cluster.local/ns/*/sa/peerproof',
    'spiffe://cluster.local/ns/<namespace>/sa/x',
  ])
    t.is(problems(`{xfcc: direct, spiffeId: "${wrongId}"}`)[0]?.key, 'http.spiffeId', wrongId);
});

const path = 'http.forwardAuth[0].path';
const proxy = 'http.forwardAuth[0].proxies[0]';
const wrong: [string, string, string, RegExp][] = [
  ['an unknown setting', '{prefix: /check}', 'http.prefix', /not a setting; settings here: .*pathPrefix/],
  ['a prefix without slash', '{pathPrefix: check}', 'http.pathPrefix', /plain path/],
  ['a prefix of nothing', '{pathPrefix: ""}', 'http.pathPrefix', /plain path/],
  ['a prefix that is the root', '{pathPrefix: /}', 'http.pathPrefix', /plain path/],
  ['a prefix with a slash at its end', '{pathPrefix: /check/}', 'http.pathPrefix', /plain path/],
  ['a prefix with an empty segment', '{pathPrefix: /a//b}', 'http.pathPrefix', /plain path/],
  ['a prefix with a query', '{pathPrefix: "/check?a=b"}', 'http.pathPrefix', /plain path/],
  ['a prefix with an escape', '{pathPrefix: /che%63k}', 'http.pathPrefix', /plain path/],
  ['a prefix with a wildcard', '{pathPrefix: /check/*}', 'http.pathPrefix', /plain path/],
  ['a prefix with dots', '{pathPrefix: /a/../b}', 'http.pathPrefix', /must not hold the segments \. or \.\./],
  [
    'a prefix that ends in a dot segment',
    '{pathPrefix: /a/.}',
    'http.pathPrefix',
    /must not hold the segments \. or \.\./,
  ],
  ['a prefix with a semicolon', '{pathPrefix: "/a;b"}', 'http.pathPrefix', /plain path/],
  ['a prefix with a line end', '{pathPrefix: "/check\\n"}', 'http.pathPrefix', /plain path/],
  ['an unknown word for xfcc', '{xfcc: append}', 'http.xfcc', /./],
  ['xfcc as a switch', '{xfcc: true}', 'http.xfcc', /./],
  ['a sidecar that is no SPIFFE ID', '{xfcc: {sidecar: peerproof}}', 'http.xfcc', /spiffe:\/\//],
  ['a sidecar that is a pattern', '{xfcc: {sidecar: "spiffe://a.b/ns/*/sa/*"}}', 'http.xfcc', /spiffe:\/\//],
  ['no path', '{forwardAuth: [{proxies: [10.0.0.7], original: x-original}]}', path, /is missing/],
  [
    'a path with a query',
    '{forwardAuth: [{path: "/a?b", proxies: [::1], original: x-original}]}',
    path,
    /plain/,
  ],
  [
    'no proxies',
    '{forwardAuth: [{path: /a, original: x-original}]}',
    'http.forwardAuth[0].proxies',
    /is missing/,
  ],
  [
    'an empty list of proxies',
    '{forwardAuth: [{path: /a, proxies: [], original: x-original}]}',
    'http.forwardAuth[0].proxies',
    /a client that may call this path can claim any original request/,
  ],
  ['no convention', '{forwardAuth: [{path: /a, proxies: [10.0.0.7]}]}', 'http.forwardAuth[0].original', /./],
  [
    'an unknown convention',
    '{forwardAuth: [{path: /a, proxies: [10.0.0.7], original: forwarded}]}',
    'http.forwardAuth[0].original',
    /must be one of x-original, x-original-url, x-forwarded/,
  ],
  [
    'a certificate header in capitals',
    auth(', certificateHeader: SSL-Cert'),
    'http.forwardAuth[0].certificateHeader',
    /lower case/,
  ],
  ['an unknown setting of an entry', auth(', prefix: /a'), 'http.forwardAuth[0].prefix', /not a setting/],
  ...[
    'localhost',
    '*',
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0-10.0.0.9',
    '10.0.0.7:80',
    ' 10.0.0.7',
    '10.0.0.7\\n',
    '::1/129',
    '[::1]',
    'fe80::1%eth0',
    '/8',
    'proxy.example.com',
  ].map((address): [string, string, string, RegExp] => [
    `the network ${JSON.stringify(address)}`,
    `{forwardAuth: [{path: /a, proxies: ["${address}"], original: x-original}]}`,
    proxy,
    /is not an IP address or network; use for example 10\.0\.0\.7 or 10\.0\.0\.0\/8/,
  ]),
  [
    'a network that is a number',
    '{forwardAuth: [{path: /a, proxies: [10], original: x-original}]}',
    proxy,
    /must be a string/,
  ],
];
for (const [title, http, key, message] of wrong)
  test(`HTTP door – ${title} is refused with file, line and key`, (t) => {
    const found = problems(http);
    const said = found.map(problemLine).join('\n');
    t.true(found.length > 0);
    for (const problem of found) {
      t.true(problem.key === key || problem.key.startsWith(`${key}.`), said);
      t.is(problem.file, 'peerproof.yaml');
      t.is(problem.line, LINE);
    }
    t.true(
      found.some((problem) => message.test(problem.message)),
      said,
    );
  });

test('HTTP door – addresses that are whole networks, and whole networks of one address, are fine', (t) => {
  for (const network of [
    '127.0.0.1',
    '10.0.0.7/8',
    '10.0.0.7/32',
    '::1',
    '::ffff:10.0.0.1',
    'fd00::/8',
    '::/128',
  ])
    t.deepEqual(
      problems(`{forwardAuth: [{path: /a, proxies: ["${network}"], original: x-original}]}`),
      [],
      network,
    );
});

test('HTTP door – settings of a closed door are an error; an empty block is not', (t) => {
  const closed = (http: string) => problemsOf(goodConfig({ more: `http: ${http}` }), 'peerproof.yaml');
  for (const http of ['{pathPrefix: /check}', '{xfcc: direct}', auth(), '{forwardAuth: []}']) {
    const [problem, ...more] = closed(http);
    t.deepEqual([problem?.key, problem?.line, more.length], ['http', LINE - 1, 0], http);
    t.regex(problem?.message ?? '', /has no effect without listen\.http/);
  }
  t.deepEqual(closed('{}'), []);
});

test('HTTP door – a path of forwardAuth stands once', (t) => {
  const entry = (at: string) => `  - {path: ${at}, proxies: [10.0.0.7], original: x-original}\n`;
  const found = problems(`\n  forwardAuth:\n${entry('/a')}${entry('/b')}${entry('/a')}`);
  t.deepEqual(
    found.map(({ line, key, message }) => [line, key, message]),
    [[LINE + 4, 'http.forwardAuth[2].path', 'is the path of another entry too: each path must be unique']],
  );
});

test('HTTP door – a path of forwardAuth must not be a path that checks of Envoy can have', (t) => {
  const both = (prefix: string, at: string) =>
    problems(
      `{pathPrefix: ${prefix}, forwardAuth: [{path: ${at}, proxies: [10.0.0.7], original: x-original}]}`,
    );
  for (const [prefix, at] of [
    ['/check', '/check/auth'],
    ['/check', '/check'],
    ['/a/b', '/a/b/c/d'],
  ] as const) {
    const [problem, ...more] = both(prefix, at);
    t.deepEqual([problem?.key, more.length], [path, 0], at);
    t.regex(problem?.message ?? '', /must not be below http\.pathPrefix/);
  }
  for (const [prefix, at] of [
    ['/check', '/checks/auth'],
    ['/check', '/oauth2/auth'],
    ['/check/more', '/check'],
    ['/undefined', '/oauth2/undefined'],
  ] as const)
    t.deepEqual(both(prefix, at), [], at);
  t.deepEqual(
    problems('{forwardAuth: [{path: /undefined/x, proxies: [10.0.0.7], original: x-original}]}'),
    [],
  );
});

test('HTTP door – proxies that contain every address are allowed with a warning', (t) => {
  for (const network of ['0.0.0.0/0', '::/0', '10.0.0.0/0']) {
    const { warnings } = loaded(`{forwardAuth: [{path: /a, proxies: ["${network}"], original: x-original}]}`);
    t.deepEqual(warnings, [
      `http.forwardAuth[0].proxies: ${network} lets every client claim any original request`,
    ]);
  }
  t.deepEqual(
    loaded('{forwardAuth: [{path: /a, proxies: ["10.0.0.0/10", "::/10"], original: x-original}]}').warnings,
    [],
  );
});

for (const http of [
  '7',
  '[]',
  'text',
  '{forwardAuth: 7}',
  '{forwardAuth: [7]}',
  '{forwardAuth: [{proxies: 7}]}',
  '{pathPrefix: 7}',
  '{pathPrefix: [], forwardAuth: [{path: /a, proxies: [7]}]}',
])
  test(`HTTP door – ${http} is explained and does not crash`, (t) => {
    const found = problems(http);
    t.true(found.length > 0);
    for (const { message } of found) t.true(message.length > 5);
  });
