import test from 'ava';
import { bearerOf, least, migrate, without } from './migrated.ts';

const issuerOf = (flags: readonly string[]) =>
  migrate({ flags: [...least, ...flags] }).written?.issuers?.default;

const issuers: [string, string[], object][] = [
  ['algorithms', ['--oidc-enabled-signing-alg=ES256,RS256'], { algorithms: ['ES256', 'RS256'] }],
  [
    'keys at a URL',
    ['--skip-oidc-discovery', '--oidc-jwks-url=https://a.example/keys'],
    { jwksUri: 'https://a.example/keys' },
  ],
  ['a key in a file', ['--skip-oidc-discovery', '--oidc-public-key-file=signer.pub'], { keys: 'signer.pub' }],
  ['a CA file', ['--provider-ca-file=ca.pem'], { ca: 'ca.pem' }],
  [
    'further audiences',
    ['--oidc-extra-audience=a', '--oidc-extra-audience=orders,b'],
    { audiences: ['orders', 'a', 'b'] },
  ],
  [
    'plain http',
    ['--oidc-issuer-url=http://login.example.com'],
    { issuer: 'http://login.example.com', allowInsecureHttp: true },
  ],
];
for (const [title, flags, expected] of issuers)
  test(`migration – carries over ${title} of the issuer`, (t) => {
    t.like(issuerOf(flags), expected);
  });

test('migration – http to this machine is not reported as a weaker choice', (t) => {
  t.is(issuerOf(['--oidc-issuer-url=http://127.0.0.1:1'])?.allowInsecureHttp, undefined);
});

test('migration – without --skip-oidc-discovery the keys are discovered, as in oauth2-proxy', (t) => {
  const migrated = migrate({ flags: [...least, '--oidc-jwks-url=https://a.example/keys'] });
  t.is(migrated.written?.issuers?.default?.jwksUri, undefined);
  t.regex(migrated.became('oidc-jwks-url') ?? '', /^not needed: .*--skip-oidc-discovery/);
});

test('migration – a further issuer has its own audience and the further ones, and every other setting of the network', (t) => {
  const { written } = migrate({
    flags: [
      ...least,
      '--extra-jwt-issuers=https://b.example=x=y,https://c.example=z,https://b.example=w',
      '--oidc-extra-audience=more',
      '--provider-ca-file=ca.pem',
    ],
  });
  t.like(written?.issuers, {
    'extra-1': {
      issuer: 'https://b.example',
      audiences: ['more', 'x=y', 'w'],
      ca: 'ca.pem',
      algorithms: ['RS256'],
    },
    'extra-2': { issuer: 'https://c.example', audiences: ['more', 'z'] },
  });
});

test('migration – of a provider without bearer tokens only the further issuers are left', (t) => {
  const flags = [...without('provider'), '--extra-jwt-issuers=https://b.example=x'];
  const migrated = migrate({ flags });
  t.deepEqual(Object.keys(migrated.written?.issuers ?? {}), ['extra-1']);
  t.regex(migrated.report.join('\n'), /not carried over: --provider is not set, so it is google/);
  t.is(migrated.exitCode, 1);
  t.regex(migrate({ flags: without('provider') }).errors.join(), /no token could pass/);
  t.regex(
    migrate({ flags: [...flags, '--provider=github'] }).became('provider') ?? '',
    /^not supported: .*github/,
  );
});

for (const [provider, option, group] of [
  ['gitlab', 'gitlab-group', 'a'],
  ['keycloak', 'keycloak-group', 'a'],
  ['google', 'google-group', 'a'],
] as const)
  test(`migration – with ${provider}, --${option} counts and --allowed-group does not`, (t) => {
    const migrated = migrate({
      flags: [
        ...least,
        `--provider=${provider}`,
        `--${option}=${group}`,
        '--allowed-group=b',
        '--extra-jwt-issuers=https://b.example=x',
        '--google-use-application-default-credentials=true',
      ],
    });
    t.deepEqual(bearerOf(migrated)?.claims, { groups: [group] });
    t.regex(migrated.became('allowed-group') ?? '', /^not needed: /);
  });

test('migration – google-group counts only where oauth2-proxy may ask the directory', (t) => {
  const migrated = migrate({
    flags: [
      ...least,
      '--provider=google',
      '--google-group=a',
      '--allowed-group=b',
      '--extra-jwt-issuers=https://b.example=x',
    ],
  });
  t.deepEqual(bearerOf(migrated)?.claims, { groups: ['b'] });
});
