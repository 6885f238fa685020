import test from 'ava';
import { problemLine } from '../../src/config/problem.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';
import { inDirectory, least, migrate, without } from './migrated.ts';
import { tutorialSwitches } from './tutorial.ts';

test("migration – the flags of Kyma's tutorial become a configuration that asks for a token and for nothing else", (t) => {
  const { written, loaded, exitCode } = migrate({
    flags: [
      '--provider=oidc',
      ...tutorialSwitches,
      '--oidc-issuer-url=https://login.example.com',
      '--client-id=orders',
      '--http-address=0.0.0.0:4180',
    ],
  });
  t.deepEqual(written, {
    listen: { http: '0.0.0.0:4180', grpc: '0.0.0.0:9001', admin: '0.0.0.0:9003' },
    identity: { preset: 'oauth2-proxy', passAccessToken: true, passAuthorization: true },
    issuers: {
      default: {
        issuer: 'https://login.example.com',
        audiences: ['orders'],
        algorithms: ['RS256'],
        clockSkew: '0s',
      },
    },
    rules: [{ name: 'bearer', require: { binding: ['none'] } }],
  });
  t.true(loaded?.warnings.some((warning) => /binding none/.test(warning)));
  t.is(exitCode, 0);
});

test('migration – says where to tighten, in the report and in the configuration', (t) => {
  const { report, configuration } = migrate({ flags: least });
  t.regex(report.join('\n'), /warning: rule bearer: .* TIGHTEN THIS: set binding: \[certificate, workload\]/);
  t.regex(configuration, /# TIGHTEN HERE: .*\n.*binding: \[certificate, workload\]\n.*\n +binding: \[none\]/);
  t.true(configuration.endsWith('\n'));
});

test('migration – never advises direct, and the ID that it leaves to fill in is refused as it stands', (t) => {
  const { report, configuration } = migrate({ flags: least });
  for (const text of [report.join('\n'), configuration]) {
    t.notRegex(text, /direct/);
    const advised = /http: (\{xfcc: \{sidecar: "[^"]*"\}\})/.exec(text)?.[1];
    const config = (http: string) => goodConfig({ more: `listen: {http: "127.0.0.1:0"}\nhttp: ${http}` });
    t.regex(
      problemsOf(config(advised ?? ''))
        .map(problemLine)
        .join(),
      /http\.xfcc.*spiffe:/,
    );
    const filled = advised?.replace('<namespace>', 'peerproof').replace('<ServiceAccount>', 'peerproof');
    t.deepEqual(problemsOf(config(filled ?? '')), []);
  }
});

const errors: [string, string[], RegExp][] = [
  ['no client', without('client-id'), /--client-id is missing/],
  ['no issuer', without('oidc-issuer-url'), /--oidc-issuer-url is missing/],
  [
    'an issuer with a user',
    [...least, '--oidc-issuer-url=https://a:b@login.example.com'],
    /issuers\.default\.issuer: must be an https URL/,
  ],
  [
    'no keys and no discovery',
    [...least, '--skip-oidc-discovery'],
    /needs --oidc-jwks-url or --oidc-public-key-file/,
  ],
  ['a certificate without its key', [...least, '--tls-cert-file=cert.pem'], /must be set together/],
  [
    'an unknown algorithm',
    [...least, '--oidc-enabled-signing-alg=none'],
    /an algorithm that oauth2-proxy does not support/,
  ],
  [
    'an issuer without an audience',
    [...least, '--extra-jwt-issuers=https://b.example'],
    /entry 1 must be issuer=audience/,
  ],
  [
    'a proxy that is no address',
    [...without('upstream'), '--reverse-proxy', '--trusted-proxy-ip=nginx'],
    /must hold IP addresses or networks/,
  ],
  [
    'an unknown TLS version',
    [...least, '--tls-cert-file=cert.pem', '--tls-key-file=key.pem', '--tls-min-version=1.3'],
    /must be TLS1\.2 or TLS1\.3/,
  ],
];
for (const [title, flags, message] of errors)
  test(`migration – ${title} is an error, and nothing is written`, (t) => {
    const migrated = migrate({ flags });
    t.regex(migrated.errors.join('\n'), message);
    t.is(migrated.configuration, '');
    t.is(migrated.exitCode, 1);
  });

test('migration – a file that cannot be read is an error', (t) => {
  t.regex(
    migrate({ flags: [...least, `--config=${inDirectory('')}`] }).errors.join(),
    /cannot be read \(EISDIR\)/,
  );
});
