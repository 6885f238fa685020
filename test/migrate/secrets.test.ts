import test from 'ava';
import { stringify } from 'yaml';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { options } from '../../src/migrate/options.ts';
import { least, migrate } from './migrated.ts';

const secret = 'hunter2-c0rrect-h0rse';
const named = [
  'basic-auth-password',
  'client-secret',
  'cookie-secret',
  'github-token',
  'google-service-account-json',
  'jwt-key',
  'redis-password',
  'redis-sentinel-password',
  'signature-key',
];
const inUrls = [
  'redis-connection-url',
  'login-url',
  'redeem-url',
  'profile-url',
  'validate-url',
  'backend-logout-url',
];

function leaksNothing(
  t: { false(value: boolean, message?: string): void },
  sources: Parameters<typeof migrate>[0],
) {
  const { configuration, report } = migrate(sources);
  t.false([configuration, ...report].join('\n').includes(secret), report.join('\n'));
}

for (const name of [...named, ...inUrls]) {
  const value = inUrls.includes(name) ? `https://user:${secret}@a.example` : secret;
  const key = options.get(name)?.keys[0] ?? '';
  test(`--${name} – its value is in no output, wherever it comes from`, (t) => {
    leaksNothing(t, { flags: [...least, `--${name}=${value}`] });
    leaksNothing(t, { flags: [...least, '--set-basic-auth', `--${name}`, value, `--${name}=${value}`] });
    leaksNothing(t, { flags: least, cfg: `${key} = ${JSON.stringify(value)}` });
    leaksNothing(t, { flags: least, env: { [`OAUTH2_PROXY_${key.toUpperCase()}`]: value } });
    leaksNothing(t, { flags: least, values: stringify({ extraArgs: { [name]: value } }) });
    leaksNothing(t, {
      flags: least,
      values: stringify({ extraEnv: [{ name: `OAUTH2_PROXY_${key.toUpperCase()}`, value }] }),
    });
  });
}

test('values of the chart – their secrets are in no output', (t) => {
  const config = { clientID: 'orders', clientSecret: secret, cookieSecret: secret };
  leaksNothing(t, { flags: least, values: stringify({ config }) });
  leaksNothing(t, {
    flags: least,
    values: stringify({ config, sessionStorage: { type: 'redis', redis: { password: secret } } }),
  });
  leaksNothing(t, {
    flags: least,
    values: stringify({ config, htpasswdFile: { enabled: true, entries: [`a:${secret}`] } }),
  });
});

const mistakes: [string, Parameters<typeof migrate>[0]][] = [
  ['an unknown flag', { flags: [...least, `--client-secrets=${secret}`] }],
  ['an unknown flag with its value behind it', { flags: [...least, '--client-secrets', secret] }],
  ['a value behind a space', { flags: [...least, '--client-secret=', secret] }],
  ['a value behind a bool', { flags: [...least, '--cookie-secure', secret] }],
  ['a bool that is a secret', { flags: [...least, `--cookie-secure=${secret}`] }],
  ['a number that is a secret', { flags: [...least, `--logging-max-age=${secret}`] }],
  ['a span that is a secret', { flags: [...least, `--cookie-expire=${secret}`] }],
  ['a list that is broken', { flags: [...least, `--allowed-group=${secret}"`] }],
  ['an unknown key', { flags: least, cfg: `client_secrets = "${secret}"` }],
  ['a key with a value of another type', { flags: least, cfg: `client_secret = ["${secret}"]` }],
  ['a file that is no TOML', { flags: least, cfg: `client_secret = ${secret}` }],
  ['a file that is no TOML after the secret', { flags: least, cfg: `client_secret = "${secret}"\nnope\n` }],
  ['an unknown variable', { flags: least, env: { OAUTH2_PROXY_CLIENT_SECRETS: secret } }],
  ['a bool of the environment', { flags: least, env: { OAUTH2_PROXY_COOKIE_SECURE: secret } }],
  ['values that are no YAML', { flags: least, values: `config: {clientSecret: ${secret}\n` }],
  [
    'values with a key twice',
    { flags: least, values: `config:\n  clientSecret: ${secret}\n  clientSecret: ${secret}\n` },
  ],
  ['values with an unknown alias', { flags: least, values: `config: *${secret}\n` }],
  [
    'a template',
    { flags: least, values: stringify({ extraArgs: { 'client-secret': `{{ "${secret}" }}` } }) },
  ],
  [
    'an issuer with a password',
    { flags: [...least, `--oidc-issuer-url=https://a:${secret}@login.example.com`] },
  ],
  [
    'keys with a password',
    { flags: [...least, '--skip-oidc-discovery', `--oidc-jwks-url=https://a:${secret}@login.example.com`] },
  ],
  [
    'a further issuer with a password',
    { flags: [...least, `--extra-jwt-issuers=https://a:${secret}@b.example=x`] },
  ],
  ['an upstream with a password', { flags: [...least, `--upstream=http://a:${secret}@orders`] }],
  ['an address with a password', { flags: [...least, `--http-address=http://a:${secret}@orders`] }],
  ['an unknown provider', { flags: [...least, `--provider=${secret}`] }],
];
const glued = [`client-secret${secret}`, `cookie-secret-${secret}`, `clientsecret${secret}`, secret];
for (const name of glued) {
  mistakes.push(
    [`a flag ${name}`, { flags: [...least, `--${name}`] }],
    [`a flag ${name} with one dash`, { flags: [...least, `-${name}`] }],
    [`a flag ${name} with a value`, { flags: [...least, `--${name}=${secret}`, `--${name}`, secret] }],
    [`a key ${name}`, { flags: least, cfg: `${name} = 1` }],
    [`a quoted key ${name}`, { flags: least, cfg: `"${name}=" = 1` }],
    [`a table ${name}`, { flags: least, cfg: `[${name}]\na = 1` }],
    [`a variable ${name}`, { flags: least, env: { [`OAUTH2_PROXY_${name}`]: '1' } }],
    [`a value of the chart ${name}`, { flags: least, values: stringify({ [name]: 1 }) }],
    [`an argument of the chart ${name}`, { flags: least, values: stringify({ extraArgs: { [name]: 1 } }) }],
    [
      `a list of the chart ${name}`,
      { flags: least, values: stringify({ extraArgs: { [name]: [1], [`${name}=`]: '{{ 1 }}' } }) },
    ],
    [`a list of arguments ${name}`, { flags: least, values: stringify({ extraArgs: [`--${name}`] }) }],
    [
      `a variable of the chart ${name}`,
      {
        flags: least,
        values: stringify({ extraEnv: [{ name: `OAUTH2_PROXY_${name}`, value: '1' }] }),
      },
    ],
  );
}

for (const args of [
  [`--client-secret${secret}`],
  [`-client-secret${secret}`],
  [secret],
  ['--client-secret', secret],
])
  test(`secrets – ${args.join(' ').replace(secret, '…')} before -- is misuse that is not repeated`, (t) => {
    const error = t.throws(() => migrateOauth2Proxy(args, {}), { message: /are allowed before --/ });
    t.regex(String((error as NodeJS.ErrnoException).code), /^ERR_PARSE_ARGS_/);
  });

test('secrets – a name that is nearly known is said whole, of another one what begins a known one', (t) => {
  const said = (flag: string) =>
    migrate({ flags: [...least, flag] }).report.find((line) => /not an option/.test(line));
  t.regex(
    said('--client-secrets=x') ?? '',
    /--client-secrets is not an option .* nearest is --client-secret$/,
  );
  t.regex(
    said('--client-secretHUNTER2') ?? '',
    /--client-secret… is not an option .* nearest is --client-secret$/,
  );
  t.regex(said('--qqq') ?? '', /--… is not an option/);
});

for (const [title, sources] of mistakes)
  test(`secrets – ${title}: a message names the place, not the text`, (t) => {
    leaksNothing(t, sources);
    t.true(migrate(sources).report.length > 0);
  });

test('report – one line stays one line, whatever a name holds', (t) => {
  const { report } = migrate({ flags: [...least, '--a\nerror: \u001b[2J\u202eb=1'] });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  for (const line of report) t.notRegex(line, /[\n\u001b\u202e]/);
});
