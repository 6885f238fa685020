import test from 'ava';
import { least, migrate, without } from './migrated.ts';

const optional = { token: 'optional', binding: ['none'] };

test('migration – paths without a token become rules before the others, by method', (t) => {
  const { written } = migrate({
    flags: [
      ...least,
      '--skip-auth-route=get=^/public/,^/healthz$',
      '--skip-auth-regex=^/ready/?$',
      '--skip-auth-preflight',
    ],
  });
  t.deepEqual(written?.rules.slice(0, -1), [
    { name: 'public-1', match: { methods: ['GET'], paths: ['/public/*/**'] }, require: optional },
    { name: 'public-2', match: { paths: ['/healthz'] }, require: optional },
    { name: 'public-3', match: { paths: ['/ready'] }, require: optional },
    { name: 'preflight', match: { methods: ['OPTIONS'] }, public: true },
  ]);
  t.is(written?.rules.at(-1)?.name, 'bearer');
});

test('migration – a path without a token keeps the identity of a valid token, and the report says so', (t) => {
  const { became } = migrate({ flags: [...least, '--skip-auth-route=^/healthz$'] });
  t.regex(became('skip-auth-route') ?? '', /^replaced: .*keeps its identity headers; an invalid token is/);
});

const stricter: [string, string[]][] = [
  ['checks the audience in another claim', ['--oidc-audience-claim=azp']],
  [
    'checks email_verified of one issuer',
    ['--insecure-oidc-allow-unverified-email', '--extra-jwt-issuers=https://other.example.com=orders'],
  ],
  ['denies every token', ['--oidc-audience-claim=a,b,c']],
];
for (const [title, flags] of stricter)
  test(`migration – a path without a token identifies nobody if the rule for tokens ${title}`, (t) => {
    const { written, became } = migrate({ flags: [...least, '--skip-auth-route=^/healthz$', ...flags] });
    t.like(written?.rules[0], { name: 'public-1', public: true, require: undefined });
    t.regex(became('skip-auth-route') ?? '', /set no identity headers/);
  });

const doors: [string, string[], object][] = [
  ['every address', ['--http-address=:4180'], { http: '0.0.0.0:4180' }],
  ['a scheme', ['--http-address=http://127.0.0.1:4180'], { http: '127.0.0.1:4180', grpc: '127.0.0.1:9001' }],
  ['an IPv6 address', ['--http-address=[::1]:4180'], { http: '[::1]:4180' }],
  [
    'a port of Peerproof',
    ['--http-address=:9001', '--metrics-address=:9004'],
    { http: '0.0.0.0:9001', admin: '0.0.0.0:9004', grpc: '0.0.0.0:9005' },
  ],
  ['metrics', ['--metrics-address=0.0.0.0:44180'], { admin: '0.0.0.0:44180' }],
];
for (const [title, flags, expected] of doors)
  test(`migration – listens where oauth2-proxy did: ${title}`, (t) => {
    t.like(migrate({ flags: [...least, ...flags] }).written?.listen, expected);
  });

test('migration – without --http-address it is the one of oauth2-proxy', (t) => {
  t.like(migrate({ flags: without('http-address') }).written?.listen, { http: '127.0.0.1:4180' });
});

test('migration – with a certificate it listens on --https-address alone', (t) => {
  const migrated = migrate({
    flags: [...least, '--https-address=:4443', '--tls-cert-file=cert.pem', '--tls-key-file=key.pem'],
  });
  t.is(migrated.written?.listen?.http, '0.0.0.0:4443');
  t.deepEqual(migrated.written?.http, { tls: { certFile: 'cert.pem', keyFile: 'key.pem' } });
  t.regex(migrated.became('http-address') ?? '', /^not needed: /);
  t.regex(migrated.became('tls-cert-file') ?? '', /^kept: /);
});

test('migration – without an answer for Envoy a proxy asks, from the addresses that are named', (t) => {
  const { written, exitCode } = migrate({
    flags: [
      ...without('upstream'),
      '--reverse-proxy',
      '--trusted-proxy-ip=10.0.0.0/8',
      '--proxy-prefix=/auth/',
    ],
  });
  t.deepEqual(written?.http?.forwardAuth, [
    { path: '/auth/auth', proxies: ['10.0.0.0/8'], original: 'x-forwarded' },
  ]);
  t.is(exitCode, 0);
  const alone = migrate({
    flags: [...least, '--upstream=file:///dev/null', '--upstream=static://202'].filter(
      (flag) => flag !== '--upstream=static://200',
    ),
  });
  t.deepEqual(alone.written?.http?.forwardAuth, [
    { path: '/oauth2/auth', proxies: ['127.0.0.1', '::1'], original: 'x-original' },
  ]);
  t.regex(alone.report.join('\n'), /not carried over: http\.forwardAuth\[0\]\.proxies/);
  t.is(alone.exitCode, 1);
});

test('migration – where a proxy asks, only what oauth2-proxy could see there becomes public', (t) => {
  const routes = [
    '--skip-auth-route=^/a$',
    '--skip-auth-route=GET=^/b$',
    '--skip-auth-route=POST=^/c$',
    '--skip-auth-preflight',
  ];
  const proxied = migrate({
    flags: [...without('upstream'), ...routes, '--reverse-proxy', '--trusted-proxy-ip=10.0.0.1'],
  });
  t.deepEqual(
    proxied.written?.rules.map(({ match }) => match?.paths?.[0]),
    ['/a', '/b', undefined],
  );
  t.regex(proxied.became('skip-auth-route') ?? '', /^not supported: entry 3: the proxy asks with GET/);
  t.regex(proxied.became('skip-auth-preflight') ?? '', /^not needed: /);
  const blind = migrate({ flags: [...without('upstream'), ...routes] });
  t.deepEqual(
    blind.written?.rules.map(({ name }) => name),
    ['bearer'],
  );
});
