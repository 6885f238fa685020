import { writeFileSync } from 'node:fs';
import test from 'ava';
import { bearerOf, inDirectory, least, migrate } from './migrated.ts';

const flags = [
  '--provider=oidc',
  '--oidc-issuer-url=https://login.example.com',
  '--client-id=orders',
  '--oidc-extra-audience=billing,stock',
  '--email-domain=*',
  '--skip-jwt-bearer-tokens=true',
  '--allowed-group=a',
  '--allowed-group=b',
  '--upstream=static://200',
  '--http-address=0.0.0.0:9002',
  '--cookie-expire=1h30m',
  '--logging-max-age=3',
];

const cfg = `
provider = "oidc"
oidc_issuer_url = "https://login.example.com"
client_id = "orders"
oidc_extra_audiences = ["billing", "stock"]
email_domains = "*"
skip_jwt_bearer_tokens = true
allowed_groups = ["a", "b"]
upstreams = ["static://200"]
HTTP_ADDRESS = "0.0.0.0:9002"
cookie_expire = "1h30m"
logging_max_age = 3
`;

const env = {
  OAUTH2_PROXY_PROVIDER: 'oidc',
  OAUTH2_PROXY_OIDC_ISSUER_URL: 'https://login.example.com',
  OAUTH2_PROXY_CLIENT_ID: 'orders',
  OAUTH2_PROXY_OIDC_EXTRA_AUDIENCES: 'billing,stock',
  OAUTH2_PROXY_EMAIL_DOMAINS: '*',
  OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: '1',
  OAUTH2_PROXY_ALLOWED_GROUPS: 'a,b',
  OAUTH2_PROXY_UPSTREAMS: 'static://200',
  OAUTH2_PROXY_HTTP_ADDRESS: '0.0.0.0:9002',
  OAUTH2_PROXY_COOKIE_EXPIRE: '1h30m',
  OAUTH2_PROXY_LOGGING_MAX_AGE: '3',
};

const separate = flags.flatMap((flag) =>
  flag.startsWith('--skip') ? ['-skip-jwt-bearer-tokens'] : flag.replace(/^-/, '').split(/=(.*)/s, 2),
);

for (const [title, sources] of Object.entries({
  'a file': { cfg },
  'the environment': { env },
  'flags with values of their own': { flags: separate },
  'a file that flags name at another place': { cfg, flags: ['--config', 'elsewhere.cfg'] },
}))
  test(`migration – ${title} gives what flags give`, (t) => {
    const expected = migrate({ flags });
    t.deepEqual(expected.errors, []);
    t.deepEqual(bearerOf(expected)?.claims, { groups: ['a', 'b'] });
    t.deepEqual(expected.written?.issuers?.default?.audiences, ['orders', 'billing', 'stock']);
    const migrated = migrate(sources);
    t.is(migrated.configuration, expected.configuration);
    const lines = migrated.report.filter((line) => !line.startsWith('--config: '));
    t.deepEqual(lines, expected.report);
    t.is(migrated.exitCode, 0);
  });

test('migration – a file that the flag --config names is read, and an error where it is not there', (t) => {
  const there = inDirectory('there.cfg');
  writeFileSync(there, 'allowed_groups = ["a"]');
  const migrated = migrate({ flags: [...least, `--config=${there}`] });
  t.deepEqual(bearerOf(migrated)?.claims, { groups: ['a'] });
  t.is(migrated.became('config'), 'replaced: it was read like --cfg');
  const { errors, configuration } = migrate({ flags: [...least, `--config=${inDirectory('nowhere.cfg')}`] });
  t.regex(
    errors.join('\n'),
    /--config \(use --cfg if the file is at another path\): .*nowhere\.cfg cannot be read \(ENOENT\)/,
  );
  t.is(configuration, '');
});

test('migration – the command line counts over the environment, and that over the file', (t) => {
  const groups = (sources: Parameters<typeof migrate>[0]) => bearerOf(migrate(sources))?.claims?.groups;
  const file = 'allowed_groups = ["file"]';
  const variables = { OAUTH2_PROXY_ALLOWED_GROUPS: 'environment' };
  t.deepEqual(groups({ flags: least, cfg: file }), ['file']);
  t.deepEqual(groups({ flags: least, cfg: file, env: variables }), ['environment']);
  const all = { flags: [...least, '--allowed-group=flag'], cfg: file, env: variables };
  t.deepEqual(groups(all), ['flag']);
  t.is(
    migrate(all).became('allowed-group'),
    'kept: require.claims of the rule bearer; the value in the environment and the configuration file is ignored',
  );
  t.deepEqual(groups({ flags: least, cfg: file, env: { OAUTH2_PROXY_ALLOWED_GROUPS: '' } }), ['file']);
});

test('migration – of a text or bool given twice the last counts, and the report says so', (t) => {
  const migrated = migrate({
    flags: [...least, '--client-id=a', '--client-id', 'b', '--allowed-group=x,"y,z"'],
  });
  t.deepEqual(migrated.written?.issuers?.default?.audiences, ['b']);
  t.is(
    migrated.became('client-id'),
    'kept: issuers.default.audiences; set more than once, and the last value is used',
  );
  t.deepEqual(bearerOf(migrated)?.claims, { groups: ['x', 'y,z'] });
});

test('migration – variables that Kubernetes makes for a Service called oauth2-proxy are not read as options', (t) => {
  const { errors } = migrate({
    flags: least,
    env: {
      OAUTH2_PROXY_SERVICE_HOST: '10.0.0.1',
      OAUTH2_PROXY_SERVICE_PORT: '80',
      OAUTH2_PROXY_SERVICE_PORT_HTTP: '80',
      OAUTH2_PROXY_PORT: 'tcp://10.0.0.1:80',
      OAUTH2_PROXY_PORT_80_TCP: 'tcp://10.0.0.1:80',
      OAUTH2_PROXY_PORT_80_TCP_ADDR: '10.0.0.1',
      HOME: '/root',
    },
  });
  t.deepEqual(errors, []);
});

const wrong: [string, Parameters<typeof migrate>[0], RegExp][] = [
  [
    'an unknown flag',
    { flags: [...least, '--email-domains=*'] },
    /--email-domains is not an option .* nearest is --email-domain$/,
  ],
  [
    'an unknown flag without a value',
    { flags: [...least, '--pass-acces-token'] },
    /nearest is --pass-access-token$/,
  ],
  [
    'an unknown key',
    { flags: least, cfg: 'email_domain = "*"' },
    /email_domain is not an option .* nearest is email_domains$/,
  ],
  [
    'a key with hyphens',
    { flags: least, cfg: '"client-id" = "a"' },
    /client-id is not an option .* nearest is client_id$/,
  ],
  ['a table in the file', { flags: least, cfg: '[server]\nbind = "a"' }, /se… is not an option/],
  [
    'an unknown variable',
    { flags: least, env: { OAUTH2_PROXY_EMAIL_DOMAIN: 'a' } },
    /nearest is OAUTH2_PROXY_EMAIL_DOMAINS$/,
  ],
  [
    'a variable that is not in capitals',
    { flags: least, env: { OAUTH2_PROXY_client_id: 'a' } },
    /OAUTH2_PROXY_client_id is not a variable/,
  ],
  [
    'a bool that is neither',
    { flags: [...least, '--set-xauthrequest=maybe'] },
    /--set-xauthrequest: must be true or false$/,
  ],
  ['a bool without a value', { flags: [...least, '--set-xauthrequest='] }, /must be true or false$/],
  [
    'a bool in the file that is neither',
    { flags: least, cfg: 'set_xauthrequest = "maybe"' },
    /set_xauthrequest must be true or false$/,
  ],
  [
    'a bool in the environment that is neither',
    { flags: least, env: { OAUTH2_PROXY_SET_XAUTHREQUEST: 'yes' } },
    /must be true or false$/,
  ],
  [
    'a bool with its value behind it',
    { flags: [...least, '--skip-auth-preflight', 'false'] },
    /reads --skip-auth-preflight as true and ignores what follows/,
  ],
  ['an argument that is no flag', { flags: [...least, 'stray'] }, /argument 8 is not an option/],
  ['a flag without a value', { flags: [...least, '--client-id'] }, /--client-id: needs a value$/],
  ['a span that is none', { flags: [...least, '--cookie-expire=1 day'] }, /must be a duration/],
  ['a span without a unit', { flags: [...least, '--cookie-expire=90'] }, /must be a duration/],
  ['a number that is none', { flags: [...least, '--logging-max-age=x'] }, /must be a whole number/],
  ['a list with a stray quote', { flags: [...least, '--allowed-group=a"b'] }, /quotes must enclose/],
  ['a list of two lines', { flags: [...least, '--allowed-group=a\nb'] }, /must be one line/],
  [
    'a list in the file that holds a table',
    { flags: least, cfg: 'allowed_groups = [{a = 1}]' },
    /must be a list of strings/,
  ],
  ['a text in the file that is a list', { flags: least, cfg: 'client_id = ["a"]' }, /must be a string/],
  [
    'a key twice, in two spellings',
    { flags: least, cfg: 'scope = "a"\nScope = "b"' },
    /Scope sets the same option as another key/,
  ],
  [
    'an option in two variables',
    { flags: least, env: { OAUTH2_PROXY_GOOGLE_GROUP: 'a', OAUTH2_PROXY_GOOGLE_GROUPS: 'b' } },
    /sets the same option as another variable/,
  ],
  ['a file that is no TOML', { flags: least, cfg: 'a = 1\nb: c\n' }, /\.cfg:2: is not TOML$/],
  ['an unknown provider', { flags: [...least, '--provider=okta'] }, /--provider must be one of oidc, /],
  [
    'an alpha configuration',
    { flags: [...least, '--alpha-config=a.yaml'] },
    /--alpha-config: this format is not supported: set providers, headers and upstreams/,
  ],
];
for (const [title, sources, message] of wrong)
  test(`migration – ${title} is an error, and nothing is written`, (t) => {
    const { errors, configuration, exitCode } = migrate(sources);
    t.is(errors.length, 1, errors.join('\n'));
    t.regex(errors[0] ?? '', message);
    t.is(configuration, '');
    t.is(exitCode, 1);
  });

test('migration – every mistake is said at once', (t) => {
  const { errors } = migrate({
    flags: [...least, '--nope', '--set-xauthrequest=maybe'],
    env: { OAUTH2_PROXY_NOPE: 'a' },
    cfg: 'nope = 1\n',
  });
  t.is(errors.length, 4, errors.join('\n'));
});
