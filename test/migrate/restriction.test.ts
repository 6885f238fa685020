import test from 'ava';
import { bearerOf, least, migrate, without } from './migrated.ts';

/** Restrictions that cannot be carried over: every request is denied, and the report names them. */
const denied: [string, string[], string][] = [
  ['a domain without a name', [...without('email-domain'), '--email-domain=""'], 'email-domain'],
  [
    'addresses in a file',
    [...without('email-domain'), '--authenticated-emails-file=a'],
    'authenticated-emails-file',
  ],
  ['no bearer tokens', [...least, '--skip-jwt-bearer-tokens=false'], 'skip-jwt-bearer-tokens'],
  ['symmetric algorithms', [...least, '--oidc-enabled-signing-alg=HS256'], 'oidc-enabled-signing-alg'],
  ['several claims with an audience', [...least, '--oidc-audience-claim=azp,aud'], 'oidc-audience-claim'],
  [
    'the audience in the claim with the groups',
    [...least, '--oidc-audience-claim=groups', '--allowed-group=a'],
    'oidc-audience-claim',
  ],
  ['a project', [...least, '--provider=gitlab', '--gitlab-project=a', '--allowed-group=b'], 'gitlab-project'],
  ['roles of several places', [...least, '--provider=keycloak-oidc', '--allowed-role=a,b:c'], 'allowed-role'],
  ['a role with two colons', [...least, '--provider=keycloak-oidc', '--allowed-role=a:b:c'], 'allowed-role'],
  ['a role without a name', [...least, '--provider=keycloak-oidc', '--allowed-role=""'], 'allowed-role'],
];
for (const [title, flags, option] of denied)
  test(`migration – ${title}: the rule denies, and the exit code says so`, (t) => {
    const migrated = migrate({ flags });
    t.is(bearerOf(migrated)?.when as string | undefined, 'false', migrated.report.join('\n'));
    t.regex(migrated.became(option) ?? '', /^not supported: .*until then the rule bearer denies/);
    t.regex(migrated.configuration, /# Denies every token/);
    t.is(migrated.exitCode, 1);
  });

for (const [title, flags] of [
  ['neither bearer tokens nor a word about them', without('skip-jwt-bearer-tokens')],
  ['passwords alone', [...without('email-domain'), '--htpasswd-file=a']],
] as const)
  test(`migration – ${title}: the rule denies, though no option shows it`, (t) => {
    const migrated = migrate({ flags });
    t.is(bearerOf(migrated)?.when as string | undefined, 'false');
    t.regex(migrated.report.join('\n'), /^not carried over: .*until then the rule bearer denies$/m);
    t.is(migrated.exitCode, 1);
  });

test('migration – addresses in a file do not count beside --email-domain=*', (t) => {
  const migrated = migrate({
    flags: [...least, '--authenticated-emails-file=a', '--email-domain=example.com'],
  });
  t.is(bearerOf(migrated)?.when, undefined);
  t.regex(migrated.became('authenticated-emails-file') ?? '', /^not needed: /);
  t.is(migrated.exitCode, 0);
});

test('migration – domains of addresses become emailDomains; a file beside them is left out, which is stricter', (t) => {
  const flags = [...without('email-domain'), '--email-domain=example.com,.example.org'];
  const migrated = migrate({ flags });
  t.deepEqual(bearerOf(migrated)?.emailDomains as string[] | undefined, ['example.com', '.example.org']);
  t.regex(migrated.became('email-domain') ?? '', /^kept: /);
  t.is(migrated.exitCode, 0);
  const both = migrate({ flags: [...flags, '--authenticated-emails-file=a'] });
  t.deepEqual(bearerOf(both)?.emailDomains as string[] | undefined, ['example.com', '.example.org']);
  t.is(bearerOf(both)?.when, undefined);
  t.regex(both.became('authenticated-emails-file') ?? '', /^not supported: /);
  t.is(both.exitCode, 1);
});

/** What is refused and changes nothing else: stricter than before, and said. */
const stricter: [string, string[], string][] = [
  ['a wide path', ['--skip-auth-route=^/public'], 'skip-auth-route'],
  ['everything but a path', ['--skip-auth-route=GET!=^/private/'], 'skip-auth-route'],
  ['an empty expression', ['--skip-auth-regex=""'], 'skip-auth-regex'],
  [
    'several key files',
    ['--skip-oidc-discovery', '--oidc-public-key-file=signer.pub,other.pub'],
    'oidc-public-key-file',
  ],
  ['several CA files', ['--provider-ca-file=ca.pem,other.pem'], 'provider-ca-file'],
  [
    'the authorities of the system beside a CA file',
    ['--provider-ca-file=ca.pem', '--use-system-trust-store'],
    'use-system-trust-store',
  ],
  [
    'a symmetric algorithm among others',
    ['--oidc-enabled-signing-alg=RS256,HS256'],
    'oidc-enabled-signing-alg',
  ],
  ['a real upstream', ['--upstream=http://orders:8080'], 'upstream'],
  ['a password for the application', ['--set-basic-auth', '--basic-auth-password=a'], 'basic-auth-password'],
  [
    'a group or a role',
    ['--provider=keycloak-oidc', '--allowed-group=a', '--allowed-role=b'],
    'allowed-role',
  ],
  ['a group or a role as a group', ['--provider=keycloak-oidc', '--allowed-group=a,role:b'], 'allowed-group'],
  ['a group or a project', ['--provider=gitlab', '--gitlab-group=a', '--gitlab-project=b'], 'gitlab-project'],
  ['a unix socket', ['--http-address=unix:///run/a.sock'], 'http-address'],
  ['a socket of systemd', ['--http-address=fd:3'], 'http-address'],
  [
    'TLS 1.3 alone',
    ['--tls-cert-file=cert.pem', '--tls-key-file=key.pem', '--tls-min-version=TLS1.3'],
    'tls-min-version',
  ],
  [
    'chosen cipher suites',
    ['--tls-cert-file=cert.pem', '--tls-key-file=key.pem', '--tls-cipher-suite=A'],
    'tls-cipher-suite',
  ],
];
for (const [title, flags, option] of stricter)
  test(`migration – ${title} is not carried over: stricter, and exit code 1`, (t) => {
    const migrated = migrate({ flags: [...least, ...flags] });
    t.regex(migrated.became(option) ?? '', /^not supported: /, migrated.report.join('\n'));
    t.truthy(migrated.written);
    t.false(migrated.written?.rules.some((rule) => rule.public));
    t.is(migrated.exitCode, 1);
  });
