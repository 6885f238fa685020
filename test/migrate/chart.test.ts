import test from 'ava';
import { stringify } from 'yaml';
import { bearerOf, least, migrate } from './migrated.ts';

const config = { clientID: 'orders', clientSecret: 'a', cookieSecret: 'b', upstreams: ['static://200'] };
const extraArgs = {
  provider: 'oidc',
  'oidc-issuer-url': 'https://login.example.com',
  'skip-jwt-bearer-tokens': true,
  'set-xauthrequest': null,
};
const values = (more: object = {}) => stringify({ config, extraArgs, ...more });

test('values of the chart – a mapping, a list and the file give the same configuration', (t) => {
  const mapping = migrate({ values: values() });
  t.deepEqual(mapping.errors, []);
  t.is(mapping.exitCode, 0, mapping.report.join('\n'));
  t.deepEqual(mapping.written?.listen, {
    http: '0.0.0.0:4180',
    grpc: '0.0.0.0:9001',
    admin: '0.0.0.0:44180',
  });
  t.deepEqual(mapping.written?.issuers?.default?.audiences, ['orders']);
  const list = [
    '--provider=oidc',
    '--oidc-issuer-url',
    'https://login.example.com',
    '--skip-jwt-bearer-tokens',
    '--set-xauthrequest',
  ];
  t.is(migrate({ values: values({ extraArgs: list }) }).configuration, mapping.configuration);
  const configFile = `email_domains = ["*"]
upstreams = ["static://200"]
provider = "oidc"
oidc_issuer_url = "https://login.example.com"
skip_jwt_bearer_tokens = true
set_xauthrequest = true
`;
  const file = migrate({ values: values({ extraArgs: {}, config: { ...config, configFile } }) });
  t.is(file.configuration, mapping.configuration);
  const flags = [
    '--http-address=0.0.0.0:4180',
    '--metrics-address=0.0.0.0:44180',
    '--client-id=orders',
    '--email-domain=*',
    '--upstream=static://200',
    ...list,
  ];
  t.is(migrate({ flags }).configuration, mapping.configuration);
});

test('values of the chart – what the chart adds by itself counts, under extraArgs', (t) => {
  const migrated = migrate({
    values: values({
      extraArgs: { ...extraArgs, 'http-address': '0.0.0.0:9002' },
      metrics: { enabled: false },
    }),
  });
  t.deepEqual(migrated.written?.listen, {
    http: '0.0.0.0:9002',
    grpc: '0.0.0.0:9001',
    admin: '0.0.0.0:9003',
  });
  t.truthy(migrated.became('https-address'));
  t.is(migrated.became('metrics-address'), undefined);
});

test('values of the chart – files of addresses and passwords keep callers out', (t) => {
  for (const more of [
    {
      config: { ...config, emailDomains: [] },
      authenticatedEmailsFile: { enabled: true, restricted_access: 'a@b' },
    },
    { config: { ...config, emailDomains: [] }, htpasswdFile: { enabled: true } },
    { config: { ...config, emailDomains: [] }, htpasswdFile: { enabled: 'true' } },
  ]) {
    const migrated = migrate({ values: values(more) });
    t.is(bearerOf(migrated)?.when as string | undefined, 'false', migrated.report.join('\n'));
    t.is(migrated.exitCode, 1);
  }
});

test('values of the chart – extraEnv counts, and its last entry of a name', (t) => {
  const extraEnv = [
    { name: 'OAUTH2_PROXY_ALLOWED_GROUPS', value: 'x' },
    { name: 'OAUTH2_PROXY_ALLOWED_GROUPS', value: 'a,b' },
    { name: 'HTTPS_PROXY', value: 'http://proxy:3128' },
  ];
  t.deepEqual(bearerOf(migrate({ values: values({ extraEnv }) }))?.claims, { groups: ['a', 'b'] });
});

const secret = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: 's', key: 'k' } } });

test('values of the chart – a value in a Secret is asked for where it matters, and only there', (t) => {
  const existing = { config: { existingSecret: 's', upstreams: ['static://200'] } };
  t.deepEqual(migrate({ values: values(existing) }).errors, [
    'error: --client-id: the chart values do not contain its value: pass it after --, or as OAUTH2_PROXY_CLIENT_ID',
  ]);
  for (const given of [{ flags: ['--client-id=orders'] }, { env: { OAUTH2_PROXY_CLIENT_ID: 'orders' } }]) {
    const migrated = migrate({ values: values(existing), ...given });
    t.is(migrated.configuration, migrate({ values: values() }).configuration);
    t.regex(migrated.became('client-secret') ?? '', /^not needed: /);
  }
  for (const name of ['ALLOWED_GROUPS', 'GITLAB_GROUPS', 'TLS_MIN_VERSION', 'EMAIL_DOMAINS']) {
    const { errors } = migrate({ values: values({ extraEnv: [secret(`OAUTH2_PROXY_${name}`)] }) });
    t.regex(errors.join(), /the chart values do not contain its value/, name);
  }
  t.deepEqual(migrate({ values: values({ extraEnv: [secret('OAUTH2_PROXY_REDIS_PASSWORD')] }) }).errors, []);
});

test('values of the chart – what envFrom holds cannot be seen, so the rule denies', (t) => {
  const migrated = migrate({ values: values({ envFrom: [{ secretRef: { name: 's' } }] }) });
  t.is(bearerOf(migrated)?.when as string | undefined, 'false');
  t.regex(migrated.report.join('\n'), /^not carried over: .*envFrom/m);
  t.is(migrated.exitCode, 1);
});

test('values of the chart – a file in a ConfigMap is taken from --cfg', (t) => {
  const existing = values({ config: { ...config, existingConfig: 'mine' } });
  t.regex(
    migrate({ values: existing }).errors.join(),
    /config\.existingConfig names the configuration file: pass that file with --cfg/,
  );
  const cfg = 'email_domains = ["*"]\nupstreams = ["static://200"]\nallowed_groups = ["a"]';
  t.deepEqual(bearerOf(migrate({ values: existing, cfg }))?.claims, { groups: ['a'] });
  t.regex(migrate({ values: values(), cfg }).errors.join(), /--cfg cannot be combined with --values/);
});

test('values of the chart – YAML is read as Helm reads it', (t) => {
  const text = `${stringify({ config })}extraArgs:
  <<: {provider: oidc}
  oidc-issuer-url: https://login.example.com
  skip-jwt-bearer-tokens: yes
`;
  t.is(migrate({ values: text }).exitCode, 0);
});

const wrong: [string, object, RegExp][] = [
  [
    'an alpha configuration',
    { alphaConfig: { enabled: true } },
    /--alpha-config: this format is not supported: set providers, headers and upstreams/,
  ],
  [
    'an unknown flag',
    { extraArgs: { ...extraArgs, 'email-domains': '*' } },
    /--email-domains is not an option/,
  ],
  [
    'an unknown variable',
    { extraEnv: [{ name: 'OAUTH2_PROXY_NOPE', value: 'a' }] },
    /extraEnv\[0\]: OAUTH2_PROXY_NOPE is not a variable/,
  ],
  ['a variable without a name', { extraEnv: [{ value: 'a' }] }, /extraEnv\[0\] needs a name/],
  [
    'values of another chart',
    { 'oauth2-proxy': {} },
    /oauth2-proxy is not a value of the oauth2-proxy chart/,
  ],
  [
    'a template in a flag',
    { extraArgs: { ...extraArgs, scope: '{{ .Values.a }}' } },
    /extraArgs\.scope holds a template/,
  ],
  [
    'a template in the file',
    { config: { ...config, configFile: 'a = "{{ .Values.a }}"' } },
    /config\.configFile holds a template/,
  ],
  [
    'a list as a flag',
    { extraArgs: { ...extraArgs, 'email-domain': ['a', 'b'] } },
    /extraArgs\.email-domain must be a string/,
  ],
  [
    'a number in the list of flags',
    { extraArgs: ['--provider=oidc', 1] },
    /extraArgs must be a list of strings/,
  ],
  ['flags that are a text', { extraArgs: '--provider=oidc' }, /extraArgs must be a mapping or a list/],
  [
    'a reference to a variable',
    { extraArgs: { ...extraArgs, 'client-id': '$(CLIENT)' } },
    /--client-id: the chart values do not contain its value/,
  ],
  [
    'a file that is no text',
    { config: { ...config, configFile: { a: 1 } } },
    /config\.configFile must be a string/,
  ],
  ['domains that are taken away', { config: { ...config, emailDomains: null } }, /not TOML/],
  ['another program', { image: { command: ['sh'] } }, /image\.command/],
];
for (const [title, more, message] of wrong)
  test(`values of the chart – ${title}: an error, and nothing is written`, (t) => {
    const { errors, configuration, exitCode } = migrate({ values: values(more) });
    t.regex(errors.join('\n'), message);
    t.is(configuration, '');
    t.is(exitCode, 1);
  });

for (const text of ['- a\n', 'a: *b\n', 'a: [\n', 'text'])
  test(`values of the chart – ${JSON.stringify(text)} are none`, (t) => {
    t.regex(migrate({ values: text }).errors.join('\n'), /must be YAML with the values of the chart/);
  });

test('values of the chart – another version is said, Kubernetes objects are passed over', (t) => {
  const migrated = migrate({
    values: values({ image: { tag: 'v7.6.0' }, ingress: { enabled: true }, replicaCount: 2 }),
  });
  t.regex(migrated.report.join('\n'), /warning: .*image\.tag is not 7\.15/);
  t.is(migrated.exitCode, 0);
  const same = migrate({ values: values({ image: { tag: 'v7.15.3' } }) });
  t.notRegex(same.report.join('\n'), /image\.tag/);
});

test('values of the chart – flags after -- come last', (t) => {
  const migrated = migrate({ values: values({ extraArgs: {} }), flags: least });
  t.is(migrated.written?.listen?.http, '0.0.0.0:9002');
});

test('values of the chart – those of earlier charts that only shape objects are accepted', (t) => {
  const { errors, exitCode } = migrate({
    values: values({ redis: { enabled: false }, hostAlias: { enabled: false } }),
  });
  t.deepEqual(errors, []);
  t.is(exitCode, 0);
});

test('values of the chart – an object that holds them is refused by name', (t) => {
  const release = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    spec: { values: { config } },
  };
  const { errors } = migrate({ values: stringify(release) });
  t.regex(
    errors[0] ?? '',
    /is an object of Kubernetes: pass the values in it, as helm get values shows them/,
  );
});
